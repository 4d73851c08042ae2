using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Hosts.DockerPlugin;
using Vt.Mounts;
using Vt.Posix;
using Vt.Posix.Mounts;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Docker;

/// <summary>Hands volumes to Docker: makes them in the store that the settings name, and mounts them with vt mount in processes of their own.</summary>
/// <param name="context">The command that runs the plugin.</param>
/// <param name="branch">The name of a new volume's first branch.</param>
sealed class PluginVolumeHost(CommandContext context, string branch) : IVolumeHost
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public string? FaultOf(PluginName name)
    {
        if (VolumeNames.FaultOfVolume(name.Volume) is { } fault)
            return fault;
        if (name.Branch is null || (name.IsFork && name.Branch.Length == 0))
            return null;
        return VolumeNames.FaultOfBranch(name.Branch) ?? (name.Text.EndsWith(".vt", StringComparison.Ordinal) ? $"'{name.Text}' is no name for a volume: an archive's ends in .vt" : null);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, string>> ListAsync(CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var volume in volumes.Catalog.ListAsync(cancellationToken))
            ids[volume.Name] = volume.Id.ToString("D");
        return ids;
    }

    /// <inheritdoc/>
    public async Task MakeAsync(PluginName name, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.Catalog.TryFindAsync(name.Volume, cancellationToken);
        if (!name.IsVolume)
        {
            // Who names a branch means one that is there; a new volume in its place would be a slip of the finger's.
            if (volume is null)
                throw new UserErrorException($"there is no volume '{name.Volume}': make it first, with vt volume init {name.Volume}");
            if (name.Branch!.Length > 0)
                await volumes.FindBranchAsync(volume, name.Branch, cancellationToken);
            return;
        }

        if (volume is not null)
            return;
        var committer = await Authorship.TryCommitterAsync(context, cancellationToken) ?? Authorship.ThisMachine(context, "vt docker-plugin");
        try
        {
            await VolumeMaker.MakeAsync(context, volumes, name.Volume, branch, committer, cancellationToken);
        }
        catch (UserErrorException)
        {
            // Somebody else may have made it meanwhile.
            if (await volumes.Catalog.TryFindAsync(name.Volume, cancellationToken) is null)
                throw;
        }
    }

    /// <inheritdoc/>
    public async Task MountAsync(PluginName name, string place, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(place);
        var program = Environment.ProcessPath ?? throw new UserErrorException("the program can't find its own file, which mounting needs");
        var start = new ProcessStartInfo(program, ArgumentsOf(name, place)) { RedirectStandardError = true, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment.Remove("NOTIFY_SOCKET");
        using var mount = Process.Start(start) ?? throw new UserErrorException($"{program} can't be started");
        mount.StandardInput.Close();
        var output = mount.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await mount.StandardError.ReadToEndAsync(cancellationToken);
        await output;
        await mount.WaitForExitAsync(cancellationToken);
        if (mount.ExitCode == 0)
            return;
        RemoveFolder(place);
        var line = errors.TrimEnd().Split('\n')[^1];
        throw new UserErrorException(line.StartsWith("vt: ", StringComparison.Ordinal) ? line[4..] : $"vt mount {name.Text} ended with status {mount.ExitCode}: {line}");
    }

    /// <inheritdoc/>
    public Task UnmountAsync(string place, CancellationToken cancellationToken) => Task.Run(() => Unmount(place, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public bool IsMounted(string place)
    {
        if (MountTable.FindTop(place) is null)
            return false;
        try
        {
            // A request that always goes to the server: the mount of one that died has its root's status in the kernel's cache for a while.
            PosixFile.Statvfs(place);
            return true;
        }
        catch (PosixException)
        {
            return false;
        }
    }

    void Unmount(string place, CancellationToken cancellationToken)
    {
        if (MountTable.FindTop(place) is not null)
        {
            if (!IsMounted(place))
            {
                _ = MountCalls.TryUnmount(place, UnmountFlags.UMOUNT_NOFOLLOW | UnmountFlags.MNT_DETACH);
            }
            else
            {
                try
                {
                    Unmounter.Unmount(place, isLazy: false, Patience, cancellationToken);
                }
                catch (UserErrorException) when (MountTable.FindTop(place) is not null)
                {
                    // Somebody on this machine looks at it, which is no reason to keep it for Docker.
                    Unmounter.Unmount(place, isLazy: true, Patience, cancellationToken);
                }
            }
        }

        RemoveFolder(place);
    }

    static void RemoveFolder(string place) => _ = PosixFile.TryRmdirAt(FileDescriptor.CurrentDirectory, LosslessText.ToBytes(place));

    List<string> ArgumentsOf(PluginName name, string place)
    {
        var inputs = context.ConfigInputs;
        List<string> arguments = ["-q"];
        foreach (var (option, value) in new[] { ("-c", inputs.ConfigOption), ("-S", inputs.StoreOption), ("-h", inputs.HashOption) })
        {
            if (!string.IsNullOrEmpty(value))
                arguments.AddRange([option, value]);
        }

        // A file of the volume's name in the current folder would be taken for an archive.
        var special = name switch
        {
            { IsFork: true } => $"{name.Volume}@{(name.Branch!.Length == 0 ? "HEAD" : name.Branch)}",
            { IsVolume: true } when File.Exists(context.PathFromHere(name.Volume)) => name.Volume + "@",
            _ => name.Text,
        };
        arguments.AddRange(["mount", "-d", "-o", name.IsFork ? "allow_other,fork" : "allow_other", "--", special, place]);
        return arguments;
    }
}
