using System.Diagnostics;

namespace Vt.Benchmarks.Commands;

/// <summary>The file systems on S3 that others use: s3fs, which uploads at the close, and rclone mount, here without its cache of files, so that its close waits for the upload as well.</summary>
static class S3Peers
{
    /// <summary>The command of a mount by its program, without the mountpoint's options that differ; null where the program is missing.</summary>
    /// <param name="program">s3fs or rclone.</param>
    /// <param name="site">The bucket.</param>
    /// <param name="home">A folder for its settings.</param>
    /// <param name="mountpoint">Where.</param>
    public static string? CommandOf(string program, S3Site site, string home, string mountpoint)
    {
        if (!Command.Has(program))
            return null;
        var settings = Path.Combine(home, program + ".settings");
        Command.Run($"umask 077; : > {settings}");
        if (program == "s3fs")
        {
            File.WriteAllText(settings, $"{site.Access}:{site.Secret}\n");
            return $"s3fs {site.Bucket} {mountpoint} -f -o url={site.Endpoint},use_path_request_style,sigv4,endpoint=us-east-1,passwd_file={settings}";
        }

        File.WriteAllText(settings, $"[site]\ntype = s3\nprovider = Ceph\naccess_key_id = {site.Access}\nsecret_access_key = {site.Secret}\nendpoint = {site.Endpoint}\n");

        // Its old Go dies on this variable.
        return $"env -u AWS_CA_BUNDLE rclone --config {settings} mount site:{site.Bucket} {mountpoint} --vfs-cache-mode off";
    }

    /// <summary>Writes a file until it is in the bucket, and reads it again with a mount that has not seen it.</summary>
    /// <returns>MiB/s of both.</returns>
    public static (double Write, double Read) Large(string command, string mountpoint, string source, int mebibytes)
    {
        double write;
        using (new Mounted(command, mountpoint))
        {
            var clock = Stopwatch.StartNew();
            Command.Run($"cp {source} {mountpoint}/peer");
            write = mebibytes / clock.Elapsed.TotalSeconds;
        }

        using (new Mounted(command, mountpoint))
        {
            var clock = Stopwatch.StartNew();
            Command.Run($"cat {mountpoint}/peer > /dev/null");
            return (write, mebibytes / clock.Elapsed.TotalSeconds);
        }
    }
}
