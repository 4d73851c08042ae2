using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Mounts;

/// <summary>Unmounts what vt has mounted, and waits until its server has ended.</summary>
static class Unmounter
{
    const string TypePrefix = "fuse.";
    const string Helper = "fusermount3";

    /// <summary>Unmounts the topmost mount of a place.</summary>
    /// <param name="place">The mountpoint.</param>
    /// <param name="isLazy">Whether to take it out of the tree at once, though it is in use.</param>
    /// <param name="patience">How long the server gets to end.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="UserErrorException">It is not mounted, in use, or the server does not end.</exception>
    public static void Unmount(string place, bool isLazy, TimeSpan patience, CancellationToken cancellationToken)
    {
        var path = ResolvedOf(place);
        var mount = MountTable.FindTop(path) ?? throw new UserErrorException($"{path}: nothing is mounted there");
        if (!mount.Type.StartsWith(TypePrefix, StringComparison.Ordinal))
            throw new UserErrorException($"{path}: a {mount.Type} file system is mounted there, not one of vt's");

        // Before the unmount: after it, the number may soon be another mount's.
        using var server = ServerProcess.Find(mount.Minor) is { } id ? ProcessHandle.TryOpen(id) : null;
        var error = MountCalls.TryUnmount(path, UnmountFlags.UMOUNT_NOFOLLOW | (isLazy ? UnmountFlags.MNT_DETACH : UnmountFlags.None));
        if (error == Errno.EPERM)
            UnmountByHelper(path, isLazy);
        else if (error != Errno.OK)
            throw Failed(path, error == Errno.EBUSY ? "it is in use; end what uses it, or take it away with --lazy" : new PosixException(error, "umount", path).Message);
        if (server is not null && !server.WaitForEnd(patience, cancellationToken))
            throw Failed(path, $"it is unmounted, but its server has not ended within {patience.TotalSeconds:F0} seconds{(isLazy ? ": something still uses it" : "")}");
    }

    static string ResolvedOf(string place)
    {
        try
        {
            return MountCalls.Resolve(place);
        }
        catch (PosixException e)
        {
            throw new UserErrorException($"{place}: {e.Message}", e);
        }
    }

    static void UnmountByHelper(string path, bool isLazy)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Helper, ["-u", .. isLazy ? (string[])["-z"] : [], "--", path]) { RedirectStandardError = true })!;
            var message = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw Failed(path, message);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Failed(path, $"only root may unmount without {Helper}, which can't be run: {e.Message}", e);
        }
    }

    static UserErrorException Failed(string path, string what, Exception? inner = null) => new($"{path}: {TerminalText.Visible(what)}", inner);
}
