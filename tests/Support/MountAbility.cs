using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Tests.Support;

/// <summary>Whether tests can mount here.</summary>
static class MountAbility
{
    const string Device = "/dev/fuse";

    /// <summary>What keeps this process from mounting; null if nothing does.</summary>
    public static string? WhyNot()
    {
        var error = PosixFile.TryOpen(Device, OpenFlags.O_RDWR, 0, out var device);
        device.Dispose();
        if (error != Errno.OK)
            return $"{Device} can't be opened: {PosixException.TextOf(error)}";
        return ProcessIds.User == 0 || HasProgram("fusermount3") ? null : "neither root nor fusermount3 is here";
    }

    /// <summary>What keeps an ordinary user from mounting; null if nothing does.</summary>
    public static string? WhyNotAsUser()
    {
        if (!HasProgram("fusermount3"))
            return "fusermount3 isn't installed";
        if (ProcessIds.User != 0)
            return WhyNot();
        foreach (var program in (string[])["setpriv", "unshare", "mknod"])
        {
            if (!HasProgram(program))
                return $"{program} isn't installed, so root can't act as another user";
        }

        foreach (var needed in (string?[])[AppContext.BaseDirectory, Environment.ProcessPath])
        {
            if (needed is not null && RealMount.Run("setpriv", [.. OrdinaryUser, "test", "-x", needed]).ExitCode != 0)
                return $"ordinary users can't reach {needed}";
        }

        return WhyNot();
    }

    /// <summary>What makes setpriv act as an ordinary user: nobody.</summary>
    public static string[] OrdinaryUser => ["--reuid=65534", "--regid=65534", "--clear-groups"];

    /// <summary>Whether a program is on the path.</summary>
    public static bool HasProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));
}
