using System.CommandLine;
using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files;
using Vt.Files.Virtual;
using Vt.Fuse.Mounting;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Hosts.FuseHost;
using Vt.Mounts;
using Vt.Output;
using Vt.Posix;
using Vt.Posix.Mounts;
using Vt.References;
using Vt.Settings;
using Vt.Stores.Memory;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Mounts a stored tree.</summary>
sealed class MountVerb : Verb
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What the kernel asks for ahead of a reader: enough for the store's threads to be busy.
    const int ReadAheadKib = 1024;

    readonly Option<bool> _readOnly = new("-r", "--read-only") { Description = "Mount for reading only" };
    readonly Option<bool> _daemon = new("-d", "--daemon") { Description = "Return once the mount is up, and serve it in the background" };
    readonly Option<bool> _all = new("-a", "--all") { Description = "Show a folder for each state of the archive, named by its date" };
    readonly Option<string[]> _options = new("-o") { Description = "Mount options, with commas between", HelpName = "OPTIONS" };
    readonly Option<string[]> _at = new("--at") { Description = "Show a path of the mount at another folder too", HelpName = "PATH=MNT" };
    readonly Option<string> _command = new("-e", "--execute") { Description = "Run a shell command while it is mounted, unmount, and exit as the command did; VT_MNT is the mount", HelpName = "CMD" };
    readonly Option<bool> _child = new(BackgroundServer.ChildOption) { Hidden = true };
    int _exitCode = ExitCode.Ok;
    readonly Argument<string> _special = new("SPECIAL") { Description = "ARCHIVE.vt, ARCHIVE.vt@DATE, a path in one, VOLUME, VOLUME@REV, or the text of a root" };
    readonly Argument<string> _place = new("MNT") { Description = "The folder to mount on" };

    /// <summary>Makes the command.</summary>
    public MountVerb()
        : base("mount", "Mount a stored tree as a filesystem")
    {
        foreach (var option in (Option[])[_readOnly, _daemon, _all, _command, _options, _at, _child])
            Options.Add(option);
        Arguments.Add(_special);
        Arguments.Add(_place);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The mount lasts until it is unmounted (vt umount, umount, fusermount3 -u), or the command gets a SIGINT or SIGTERM, or the command of -e has
        ended.

        Without -r the archive is mounted for writing; one that does not exist is made. The mount is an ordinary filesystem: databases, builds and
        home folders may live on it. What fsync(2), fdatasync(2), O_SYNC or vt sync has acknowledged survives the death of the server and a power cut.
        What has changed becomes a new state of the archive every 5 seconds at the latest (commit=SECONDS), after 256 MiB of writing, with vt
        sync, and when it is unmounted; nothing is appended where nothing has changed. Until then it is kept in the state folder
        ARCHIVE.vt.live (state=FOLDER), which the next mount replays after a crash by itself. Only one mount at a time may write an archive. The
        permissions are checked as for any local filesystem.

        VOLUME is the branch of a volume that is checked out, and follows vt checkout while it is mounted; VOLUME@BRANCH is one that stays. For writing it is the branch's tree with
        what is not committed, from which vt commit makes commits while it is mounted. With -r VOLUME@REV is a commit (vt show --help).

        OPTIONS of every mount are allow_other, default_permissions, fsname=, subtype=, ro, nosuid, nodev, noexec, noatime, relatime, strictatime,
        nodiratime, subpath=PATH (mount only that folder), uidmap=STORED:SHOWN[:COUNT] and gidmap= (exchange owners and groups, also in access lists; may
        be said several times) and io_uring=; of a mount for writing append, fork, commit=SECONDS, state=FOLDER, maxsize=SIZE (what the files together may
        have; K, M, G, T), exclude=PATTERN and include=PATTERN, flat_cache=SIZE and passthrough; of one for reading uid= and gid= (everything belongs to them). In /etc/fstab the type is fuse.vt.

        Requests of the kernel come by io_uring where it offers that (Linux 6.14 and newer, once Y was written to
        /sys/module/fuse/parameters/enable_uring); with io_uring=on only so, with io_uring=off never.

        The root of a mount has one more name that no listing shows, .vt, with every version there is, each a tree for reading: of volumes .vt/commits/REV (any revision that
        commands take, as HEAD^, a date, the beginning of a commit's name; a listing shows all commits), .vt/branches/NAME, .vt/tags/NAME, and .vt/diff/A..B with two trees, before and after, that
        have only what differs; of archives, and what is mounted of a branch, .vt/states/DATE. What is committed while it is mounted is there at once. An entry .vt of the
        tree hides it, and with subpath= there is none.

        With --at, which may be said several times and needs root, paths of the mount show at further folders; all are one filesystem, which
        is there until the last of them is unmounted.

        Reading moves the time of the last access by the rule of relatime, which is stored along with the next other change of the file, so that reading
        makes no new states. With relatime it is a change like any other, and with strictatime every open of a file that is read is one; with noatime
        only who sets that time moves it.

        With append nothing that is there can be destroyed or changed: removing, renaming, overwriting, truncating, chmod, chown, setting times
        and attributes are refused with EPERM, and each attempt is a line on standard error (with -d: in the system's log). New names can be made,
        and files grow at their end.

        With fork a copy is mounted, of whatever could be mounted for reading: an archive, a state of the past, a commit. It takes no time and no room, can be
        written to like any other, and is thrown away when it is unmounted.

        What exclude=PATTERN matches is local: an ordinary file or folder, as durable as any, that is in no state of the archive and whose content is not
        stored. It is kept in the state folder, over unmounts too, and in memory with its name. exclude= and include= may be said several times, the first that
        matches decides; PATTERN is as for vt import, / at its start ties it to the archive's root, and a folder that matches covers all below it. A comma
        in it is written \,. What is renamed to another place is stored from then on, and what is renamed to a place that matches is in no later state. What the
        archive has already stays in it. A file with several names is stored if one of them is. The rules hold for later mounts as long as there are local
        names; rules that are said take their place, and what they don't match any more is stored. exclude= without a pattern is no rules. vt status tells how
        much is local.

        vt flat makes flat copies of files that are read often, as plain files in the state folder, which have 16 GiB at most (flat_cache=SIZE). With passthrough
        the kernel reads such a file by itself, at the speed of the disk or of its page cache, whenever it is opened for reading alone and nobody has it open
        otherwise. As long as it is open so, to open it for writing, to truncate it and to replace its content fail with ETXTBSY (text file busy), as for a
        program that runs. It needs Linux 6.9 and root; every open and close is then a request to the server.

        With -a the mount shows a folder for each state, and new ones within a second or two after they were appended.

        In every folder of a mount for reading the name ..., which no listing shows, is the folder's newest earlier version that differs from it.
        The attributes x-vt-block and x-vt-dirent of a file are its reference and its entry as text. In a mount for writing x-vt-block stores the file
        first, and setting it on a file makes that reference its content; x-vt-dirent, of folders too, makes a state first, and setting it on an empty folder
        gives that the entries and metadata of the stored folder, both for root and whose mount it is; x-vt-status says how the mount stands. A block that is missing or
        damaged is an input/output error for those bytes and one line on standard error (with -d: in the system's log).

        Every folder of a mount has two more names that no listing shows: .vt-archive.tar, the folder as vt archive writes it, and .vt-archive.vtd, the same as a
        store file. They have their right size, can be read in any order and by many at once, and take no room. In a mount for writing everything
        is stored first, and the file is the folder at the instant of its opening for as long as it is open. Looking such a name up takes as long as listing
        all that is below the folder. They hold what their reader might not read file by file, so only root and whose mount it is find them; owners are
        the stored numbers. Nobody can change, remove, rename or link them; an entry of the same name hides them.

        The server keeps up to 48 MiB in caches: 16 MiB each of directories (dir_cache=SIZE), of what it read ahead (read_ahead=SIZE) and of decompressed
        blocks. A mount for writing lets who writes wait once 512 MiB wait to be stored.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt mount -d work.vt /mnt", "Work in an archive, in the background."),
        ("vt mount -e 'make -C $VT_MNT' work.vt /mnt", "Build in it."),
        ("vt mount -d -o exclude=/build,exclude='*.o' work.vt /mnt", "Work in it, and leave what is built out of the archive."),
        ("vt mount -d -o append log.vt /mnt", "Keep whatever comes, and let nobody change it."),
        ("vt mount -d --at src=/usr/src --at doc=/srv/doc work.vt /mnt", "Work in it, with two of its folders elsewhere too."),
        ("vt mount -d -o uidmap=1000:1001,gidmap=1000:1001 home.vt /mnt", "Work in it where one has another number."),
        ("vt mount -d frob_mysql /mnt", "Work in what is checked out of a volume."),
        ("vt mount -r frob_mysql@HEAD^ /mnt", "Show its last commit but one."),
        ("vt mount -d -o fork frob_mysql@HEAD^ /mnt", "Try something on a copy of it."),
        ("vt mount -r home.vt /mnt", "Show the last state."),
        ("vt mount -r -d home.vt@2026-10-01 /mnt", "Show the state of a day, in the background."),
        ("vt mount -r -a home.vt /mnt", "Show every state, a folder each."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_daemon) && context.Get(_command) is not null)
            throw new UserErrorException("-d and -e: a command runs in the foreground; say one of them");
        if (context.Get(_daemon) && !context.Get(_child))
            return await BackgroundServer.StartAsync(context.ArgumentsWith(this, BackgroundServer.ChildOption), cancellationToken);
        var choices = MountChoices.Parse(context, context.Get(_options), context.Get(_special));
        if (context.Get(_readOnly) || context.Get(_all) || choices.IsReadOnly)
            await MountStoredAsync(context, choices, cancellationToken);
        else
            await MountLiveAsync(context, choices, cancellationToken);
        return _exitCode;
    }

    async Task MountStoredAsync(CommandContext context, MountChoices choices, CancellationToken cancellationToken)
    {
        choices.CheckStored();
        var place = context.PathFromHere(context.Get(_place));
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        await using var listing = new MemoryStore(trees.Store.Hasher, trees.Store.Chunking);
        var tree = await FindTreeAsync(context, trees, choices.SubPath, listing, cancellationToken);
        if (context.Get(_child))
            BackgroundServer.Detach();
        var view = choices.View with
        {
            Formats = [VirtualFormat.Tar, StoreFile.Format],
            Earlier = tree.Earlier,
            Versions = choices.SubPath.Length == 0 && !context.Get(_all) ? await VersionsOfStoredAsync(context, trees, cancellationToken) : null,
            Log = context.Messages.Say,
        };
        var files = new ReadOnlyFileSystem(trees.Store, tree.Root, view, tree.RootReader);
        using var host = new ReadOnlyFuseHost(files);
        var options = choices.Mount with { Flags = choices.Mount.Flags | Vt.Posix.Mounts.MountFlags.MS_RDONLY };
        await ServeAsync(context, host, place, options, choices.IoUring, WatchAsync, cancellationToken);

        Task WatchAsync(FuseSession session, CancellationToken ended) => context.Get(_all)
            ? new HistoryWatch(context.ArchiveAt(context.Get(_special)), listing, files, session.Notifier, context.Surroundings.Clock, context.Messages.Say).RunAsync(ended)
            : Task.CompletedTask;
    }

    async Task MountLiveAsync(CommandContext context, MountChoices choices, CancellationToken cancellationToken)
    {
        choices.CheckLive();
        var place = context.PathFromHere(context.Get(_place));
        var special = context.Get(_special);
        await using var source = choices.IsFork
            ? await LivePlace.OpenForkAsync(context, special, cancellationToken)
            : await LivePlace.OpenAsync(context, special, cancellationToken);
        var below = string.Join('/', ((string[])[source.Path, choices.SubPath]).Where(static part => part.Length > 0));
        var options = choices.Live with
        {
            Formats = [VirtualFormat.Tar, StoreFile.Format],
            Clock = context.Surroundings.Clock,
            Boundary = context.Boundary,
            Log = context.Messages.Say,
            Owner = (Ownership.EffectiveUser, Ownership.EffectiveGroup),
            AccessTimes = AccessTimes.PolicyOf(choices.Mount.Flags),
            OmitsDirectoryAccess = choices.Mount.Flags.HasFlag(MountFlags.MS_NODIRATIME),
        };
        if (context.Get(_child))
            BackgroundServer.Detach();
        await using var live = await LiveArchive.OpenAsync(source.Store, source.Archive, choices.StateFolder, options, cancellationToken);
        var root = await live.Files.FindFolderAsync(LosslessText.ToBytes(below), cancellationToken)
            ?? throw new UserErrorException($"there is no folder {below} in {source.Name ?? source.Archive}");
        var host = new LiveFuseHost(live.Files, root, options.IsAppendOnly ? context.Messages.Say : null, choices.IsPassthrough ? context.Messages.Say : null);
        var mount = choices.Mount with { DefaultPermissions = true, FileSystemName = source.Name ?? choices.Mount.FileSystemName };
        using var shown = root == Files.Inodes.NodeId.Root ? ShowVersions(context, source, live, host, choices.View with { Identities = options.Identities }) : null;
        await ServeAsync(context, shown as FuseFileSystem ?? host, place, mount, choices.IoUring, IntroduceAsync, cancellationToken);

        Task IntroduceAsync(FuseSession session, CancellationToken ended)
        {
            host.Notifier = session.Notifier;
            if (root == Files.Inodes.NodeId.Root && !choices.IsFork)
                host.Turner = new TreeTurner(session, live, () => host.IsPassing);
            source.LetGo();
            if (session.Connection.Has(FuseInitFlags.Passthrough))
                host.Backing = session.Backing;
            else if (choices.IsPassthrough)
                context.Messages.Say("-o passthrough: this kernel doesn't offer it (Linux 6.9 and newer do); flat copies are read through the server");
            return Task.CompletedTask;
        }
    }

    // With a part of a tree nobody is shown the rest of it.
    static VersionsHost? ShowVersions(CommandContext context, LivePlace source, LiveArchive live, LiveFuseHost host, ReadOnlyFileSystemOptions view)
    {
        if (source is { Volumes: null, Fork: not null })
            return null;
        var folders = new VersionFolders(source.Store, context.Surroundings.Clock);
        var versions = folders.Of(source.Volumes?.Volume, token => source.Volumes!.Value.All.HeadOfAsync(source.Volumes.Value.Volume, token), source.Fork is null ? () => live.ArchivePath : null);
        var nothing = LiveArchive.NewRoot(context.Surroundings.Clock, (Ownership.EffectiveUser, Ownership.EffectiveGroup));
        return new VersionsHost(host, live.Files, new ReadOnlyFileSystem(source.Store, nothing, view with { Formats = [], Versions = versions, Log = context.Messages.Say }));
    }

    async ValueTask<NamedFolder?> VersionsOfStoredAsync(CommandContext context, OpenTrees trees, CancellationToken cancellationToken)
    {
        var folders = new VersionFolders(trees.Store, context.Surroundings.Clock);
        var special = context.Get(_special).TrimEnd('/');
        if (!context.ParseReference(await trees.TextOfAsync(special, cancellationToken)).SubPath.IsEmpty)
            return null;
        if (await LivePlace.FindVolumeAsync(context, trees.Store, special, cancellationToken) is { } found)
            return folders.Of(found.Volume, token => found.All.HeadOfAsync(found.Volume, token), null);
        var archive = special.Split('@')[0];
        return context.ArchiveAt(archive).Exists ? folders.Of(null, static _ => new(""), () => context.PathFromHere(archive)) : null;
    }

    async Task ServeAsync(
        CommandContext context,
        FuseFileSystem host,
        string place,
        FuseMountOptions options,
        IoUringUse ioUring,
        Func<FuseSession, CancellationToken, Task>? beside,
        CancellationToken cancellationToken)
    {
        var places = (context.Get(_at) ?? []).Select(FurtherPlaces.Parse).Select(at => (at.Path, context.PathFromHere(at.Place))).ToList();
        await using var session = FuseSession.Mount(host, place, options, new FuseSessionOptions { IoUring = ioUring, OnlyKillsInterrupt = true });
        session.MountPoint.TrySetReadAhead(ReadAheadKib);
        using var further = FurtherPlaces.Bind(place, places);
        using var ended = new CancellationTokenSource();
        var watching = beside?.Invoke(session, ended.Token) ?? Task.CompletedTask;
        if (context.Get(_child))
            BackgroundServer.SayReady(context.Surroundings.Output);
        if (context.Get(_command) is { } command)
            _exitCode = await RunCommandAsync(command, place, session, further, cancellationToken);
        else
            await ServeAsync(session, further, cancellationToken);
        await ended.CancelAsync();
        await watching;
    }

    static async Task ServeAsync(FuseSession session, FurtherPlaces further, CancellationToken cancellationToken)
    {
        try
        {
            await session.Completion.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(session, further);
        }
    }

    static async Task StopAsync(FuseSession session, FurtherPlaces further)
    {
        further.Dispose();
        await session.StopAsync(Patience);
    }

    // The shell runs the command where this one was started; the mount ends with it.
    static async Task<int> RunCommandAsync(string command, string place, FuseSession session, FurtherPlaces further, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", command]);
        start.Environment["VT_MNT"] = place;
        using var child = Process.Start(start) ?? throw new UserErrorException("/bin/sh can't be started");
        try
        {
            await child.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
            await StopAsync(session, further);
        }

        return child.ExitCode;
    }

    async ValueTask<MountedTree> FindTreeAsync(
        CommandContext context, OpenTrees trees, string subPath, MemoryStore listing, CancellationToken cancellationToken)
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

        var root = await trees.TextOfAsync(special.TrimEnd('/'), cancellationToken);
        var reference = context.ParseReference(subPath.Length == 0 ? root : $"{root}/{subPath}");
        await trees.WarnOfLostStatesAsync(reference.ArchivePath, cancellationToken);
        var tree = await MountedTree.FindAsync(reference, trees.Directories, context.Surroundings.Clock, cancellationToken);
        return tree.Root.Kind == Trees.Dirents.DirentKind.Directory ? tree
            : throw new UserErrorException($"'{special}' is a {DirentText.KindOf(tree.Root.Kind)}; only a directory can be mounted");
    }
}
