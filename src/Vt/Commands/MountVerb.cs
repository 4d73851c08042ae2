using System.CommandLine;
using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Fuse.Mounting;
using Vt.Fuse.Session;
using Vt.Hosts.FuseHost;
using Vt.Mounts;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Memory;

namespace Vt.Commands;

/// <summary>Mounts a stored tree.</summary>
sealed class MountVerb : Verb
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What the kernel asks for ahead of a reader: enough for the store's threads to be busy.
    const int ReadAheadKib = 1024;

    readonly Option<bool> _readOnly = new("-r", "--read-only") { Description = "Mount for reading: the only way that this version mounts" };
    readonly Option<bool> _daemon = new("-d", "--daemon") { Description = "Return once the mount is up, and serve it in the background" };
    readonly Option<bool> _all = new("-a", "--all") { Description = "Show a folder for each state of the archive, named by its date" };
    readonly Option<string[]> _options = new("-o") { Description = "Mount options, with commas between", HelpName = "OPTIONS" };
    readonly Option<bool> _child = new(BackgroundServer.ChildOption) { Hidden = true };
    readonly Argument<string> _special = new("SPECIAL") { Description = "ARCHIVE.vt, ARCHIVE.vt@DATE, a path in one, or the text of a root" };
    readonly Argument<string> _place = new("MNT") { Description = "The folder to mount on" };

    /// <summary>Makes the command.</summary>
    public MountVerb()
        : base("mount", "Mount a stored tree as a filesystem")
    {
        foreach (var option in (Option[])[_readOnly, _daemon, _all, _options, _child])
            Options.Add(option);
        Arguments.Add(_special);
        Arguments.Add(_place);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The mount lasts until it is unmounted (vt umount, umount, fusermount3 -u) or the command gets a SIGINT or SIGTERM.

        OPTIONS are allow_other, default_permissions, uid=, gid= (everything belongs to them), subpath=PATH, fsname=, subtype=, ro,
        nosuid, nodev, noexec and noatime. In /etc/fstab the type is fuse.vt.

        In every folder the name ..., which no listing shows, is the folder's newest earlier version that differs from it. The
        attributes x-vt-block and x-vt-dirent of a file are its reference and its entry as text. A block that is missing or damaged
        is an input/output error for those bytes and one line on standard error (with -d: in the system's log).

        The server keeps up to 48 MiB in caches: 16 MiB each of directories, of what it read ahead and of decompressed blocks.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt mount -r home.vt /mnt", "Show the last state."),
        ("vt mount -r -d home.vt@2026-10-01 /mnt", "Show the state of a day, in the background."),
        ("vt mount -r -a home.vt /mnt", "Show every state, a folder each."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_daemon) && !context.Get(_child))
            return await BackgroundServer.StartAsync(context.ArgumentsWith(this, BackgroundServer.ChildOption), cancellationToken);
        var (subPath, mountOptions, view) = ReadOptions(context);
        if (!context.Get(_readOnly) && !mountOptions.Flags.HasFlag(Vt.Posix.Mounts.MountFlags.MS_RDONLY))
            throw new UserErrorException("mounting for writing is more than this version can do; say -r");

        var place = context.PathFromHere(context.Get(_place));
        await using var trees = await References.OpenTrees.OpenAsync(context, cancellationToken);
        await using var listing = new MemoryStore(trees.Store.Hasher, trees.Store.Chunking);
        var tree = await FindTreeAsync(context, trees, subPath, listing, cancellationToken);
        if (context.Get(_child))
            BackgroundServer.Detach();
        using var host = new ReadOnlyFuseHost(new ReadOnlyFileSystem(
            trees.Store, tree.Root, view with { Earlier = tree.Earlier, Log = context.Messages.Say }, tree.RootReader));
        await using var session = FuseSession.Mount(
            host, place, mountOptions with { Flags = mountOptions.Flags | Vt.Posix.Mounts.MountFlags.MS_RDONLY }, new FuseSessionOptions());
        session.MountPoint.TrySetReadAhead(ReadAheadKib);
        if (context.Get(_child))
            BackgroundServer.SayReady(context.Surroundings.Output);
        await ServeAsync(session, cancellationToken);
        return ExitCode.Ok;
    }

    static async Task ServeAsync(FuseSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.Completion.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await session.StopAsync(Patience);
        }
    }

    (string SubPath, FuseMountOptions Mount, ReadOnlyFileSystemOptions View) ReadOptions(CommandContext context)
    {
        var subPath = "";
        var view = new ReadOnlyFileSystemOptions();
        try
        {
            var mount = FuseMountOptions.Parse(string.Join(',', context.Get(_options) ?? []), (name, value) =>
            {
                switch (name)
                {
                    case "subpath" when value is not null:
                        subPath = value.Trim('/');
                        return true;
                    case "uid" or "gid" when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id):
                        view = name == "uid" ? view with { Uid = id } : view with { Gid = id };
                        return true;
                    default:
                        return false;
                }
            });
            return (subPath, mount with { FileSystemName = context.Get(_special).Replace(',', '_') }, view with { Uid = view.Uid ?? mount.Uid, Gid = view.Gid ?? mount.Gid });
        }
        catch (FormatException e)
        {
            throw new UserErrorException($"-o: {e.Message}", e);
        }
    }

    async ValueTask<MountedTree> FindTreeAsync(
        CommandContext context, References.OpenTrees trees, string subPath, MemoryStore listing, CancellationToken cancellationToken)
    {
        var special = context.Get(_special);
        if (context.Get(_all))
        {
            var archive = context.ArchiveAt(special);
            if (!archive.Exists)
                throw new UserErrorException($"{special}: there is no such archive");
            await trees.WarnOfLostStatesAsync(archive.Path, cancellationToken);
            return await MountedTree.ListStatesAsync(archive, listing, cancellationToken);
        }

        var reference = context.ParseReference(subPath.Length == 0 ? special : $"{special.TrimEnd('/')}/{subPath}");
        await trees.WarnOfLostStatesAsync(reference.ArchivePath, cancellationToken);
        var tree = await MountedTree.FindAsync(reference, trees.Directories, context.Surroundings.Clock, cancellationToken);
        return tree.Root.Kind == Trees.Dirents.DirentKind.Directory ? tree
            : throw new UserErrorException($"'{special}' is a {DirentText.KindOf(tree.Root.Kind)}; only a directory can be mounted");
    }
}
