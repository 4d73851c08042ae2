using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Fuse.Mounting;
using Vt.Fuse.Session;
using Vt.Hosts.FuseHost;
using Vt.Posix.Mounts;
using Vt.Trees.Dirents;

namespace Vt.Mounts;

/// <summary>Runs a command in a stored tree, which is mounted for as long as that takes.</summary>
static class CheckedCommit
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs a command.</summary>
    /// <param name="store">Where the tree is.</param>
    /// <param name="root">The tree.</param>
    /// <param name="name">What the table of mounts is to call it.</param>
    /// <param name="command">The program and its arguments. It runs in the mount, which VT_MNT says too.</param>
    /// <param name="variables">Further variables.</param>
    /// <param name="output">Takes what it prints.</param>
    /// <param name="say">Takes what goes wrong in the mount.</param>
    /// <param name="cancellationToken">Kills the command.</param>
    /// <returns>Its exit status.</returns>
    /// <exception cref="UserErrorException">It can't be started.</exception>
    public static async Task<int> RunAsync(
        IBlockStore store, Dirent root, string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables, Stream output, Action<string> say,
        CancellationToken cancellationToken)
    {
        var place = Directory.CreateTempSubdirectory("vt-bisect-").FullName;
        try
        {
            using var host = new ReadOnlyFuseHost(new ReadOnlyFileSystem(store, root, new ReadOnlyFileSystemOptions { Log = say }));
            var options = new FuseMountOptions { FileSystemName = name, Flags = MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV };
            await using var session = FuseSession.Mount(host, place, options, new FuseSessionOptions { OnlyKillsInterrupt = true });
            try
            {
                return await RunAsync(place, command, variables, output, cancellationToken);
            }
            finally
            {
                await session.StopAsync(Patience);
            }
        }
        finally
        {
            Directory.Delete(place);
        }
    }

    static async Task<int> RunAsync(
        string place, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables, Stream output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { WorkingDirectory = place, RedirectStandardOutput = true };
        start.Environment["VT_MNT"] = place;
        foreach (var (variable, value) in variables)
            start.Environment[variable] = value;
        Process child;
        try
        {
            child = Process.Start(start) ?? throw new UserErrorException($"{command[0]} can't be started");
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new UserErrorException($"{command[0]} can't be started: {fault.Message}", fault);
        }

        using (child)
        {
            try
            {
                await child.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
                await child.WaitForExitAsync(cancellationToken);
            }
            finally
            {
                if (!child.HasExited)
                    child.Kill(entireProcessTree: true);
            }

            return child.ExitCode;
        }
    }
}
