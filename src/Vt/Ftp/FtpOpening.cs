using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Files;
using Vt.Mounts;
using Vt.Output;
using Vt.Posix;
using Vt.References;
using Vt.Remotes;
using Vt.Stores.Config;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Revisions;

namespace Vt.Ftp;

/// <summary>Finds the tree that a session is to work on.</summary>
/// <param name="context">The command.</param>
/// <param name="trees">The store; what is opened disposes it.</param>
/// <param name="isReadOnly">Whether nothing will be added to the store.</param>
sealed class FtpOpening(CommandContext context, OpenTrees trees, bool isReadOnly)
{
    /// <summary>Opens what the command line says.</summary>
    /// <param name="context">The command.</param>
    /// <param name="target">A place in a live mount, a volume, branch, commit, archive, or the text of a tree; null for the current volume.</param>
    /// <param name="isReadOnly">Whether nothing will be added to the store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is no such thing, or it is no folder.</exception>
    public static async Task<FtpTree> OpenAsync(CommandContext context, string? target, bool isReadOnly, CancellationToken cancellationToken)
    {
        var remote = target is null ? null : TryRemote(context, target);
        var trees = remote is { } place
            ? OpenTrees.Of(context, await context.OpenStoreAsync(place.Settings, isReadOnly, cancellationToken))
            : await OpenTrees.OpenAsync(context, isReadOnly, cancellationToken);
        FtpTree? opened = null;
        try
        {
            var opening = new FtpOpening(context, trees, isReadOnly);
            return opened = remote is { } there ? await opening.FindThereAsync(target!, there.Text, cancellationToken) : await opening.FindAsync(target, cancellationToken);
        }
        finally
        {
            if (opened is null)
                await trees.DisposeAsync();
        }
    }

    // The text before the first colon, if that is a clause of the configuration.
    static (StoreSettings Settings, string Text)? TryRemote(CommandContext context, string target)
    {
        var colon = target.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && target is not [_, '{', ..] && context.Configuration.FindClause(target[..colon].Trim('[', ']')) is not null
            ? (RemotePlace.Find(context, target[..colon]).Settings, target[(colon + 1)..])
            : null;
    }

    // What a remote has: this machine's own tree of a volume may be another one, and its blocks are elsewhere.
    async Task<FtpTree> FindThereAsync(string target, string text, CancellationToken cancellationToken)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? text : text[..slash];
        if (trees.Store is IRefStore && text is not [_, '{', ..] && !name.Contains('@', StringComparison.Ordinal) && await OpenVolumes.Of(context, trees.Store).Catalog.TryFindAsync(name, cancellationToken) is not null)
            text = name + "@" + text[name.Length..];
        return await OpenUnkeptAsync(target, text, cancellationToken);
    }

    async Task<FtpTree> FindAsync(string? target, CancellationToken cancellationToken)
    {
        if (target is not null && TryOpenMount(target) is { } mount)
            return mount;
        if (!isReadOnly && await TryOpenBranchAsync(target, cancellationToken) is { } branch)
            return branch;
        target ??= await trees.FindWorkedOnAsync(cancellationToken);
        if (!isReadOnly && await TryOpenArchiveAsync(target, cancellationToken) is { } archive)
            return archive;
        return await OpenUnkeptAsync(target, target, cancellationToken);
    }

    async Task<FtpTree> OpenUnkeptAsync(string target, string text, CancellationToken cancellationToken)
    {
        var (root, _) = await trees.FindAsync(text.TrimEnd('/'), cancellationToken);
        return root.Kind == DirentKind.Directory
            ? new StoredTree(context, trees, root with { Name = default }, new UnkeptState(TitleOf(target), isReadOnly))
            : throw new UserErrorException($"'{target}' is a {DirentText.KindOf(root.Kind)}; a session works on a directory");
    }

    // A text is long, and says nothing to people.
    static string TitleOf(string target) => target is [_, '{', ..] ? "tree" : TerminalText.Visible(target);

    MountTree? TryOpenMount(string target)
    {
        if (target is [_, '{', ..])
            return null;
        var path = Path.GetFullPath(context.PathFromHere(target));
        if (!LiveContent.IsLive(LosslessText.ToBytes(path)))
            return null;
        foreach (var mount in LiveMount.List().OrderByDescending(static mount => mount.Entry.MountPoint.Length))
        {
            if (path != mount.Entry.MountPoint && !path.StartsWith(mount.Entry.MountPoint.TrimEnd('/') + "/", StringComparison.Ordinal))
                continue;
            var home = FtpPath.Resolve([], LosslessText.ToBytes(path.AsSpan(mount.Entry.MountPoint.Length)));
            return MountTree.Open(context, trees, mount, home);
        }

        throw new UserErrorException($"{TerminalText.Visible(target)} is in a live mount, and only root and whose mount it is may hold a session there");
    }

    // What is mounted for writing is worked on where it is mounted: its server goes on from what it knows.
    MountTree? TryOpenMountOf(string archive, byte[] home)
    {
        if (LiveMount.Find(archive) is not { } mount)
            return null;
        var isWhole = mount.IsFollowing || mount.Entry.Source.EndsWith(".vt", StringComparison.Ordinal) || VolumePlace.TryParse(context, mount.Entry.Source) is not null;
        return isWhole
            ? MountTree.Open(context, trees, mount, home)
            : throw new UserErrorException($"a part of {archive} is mounted at {mount.Entry.MountPoint}: say that folder, or unmount it first");
    }

    async Task<FtpTree?> TryOpenBranchAsync(string? target, CancellationToken cancellationToken)
    {
        if (trees.Store is not IRefStore)
            return null;
        var volumes = OpenVolumes.Of(context, trees.Store);
        if (target is null)
        {
            var current = await volumes.FindVolumeAsync(null, cancellationToken);
            return await OpenBranchAsync(volumes, current, await volumes.HeadOfAsync(current, cancellationToken), [], cancellationToken);
        }

        // A branch may have slashes in its name: the longest beginning that is one counts.
        for (var end = target.Length; end > 0; end = target.LastIndexOf('/', end - 1))
        {
            if (VolumePlace.TryParse(context, target[..end]) is not { Volume: { } name } revision || await volumes.Catalog.TryFindAsync(name, cancellationToken) is not { } volume)
                continue;
            var head = await volumes.HeadOfAsync(volume, cancellationToken);
            var path = FtpPath.Resolve([], LosslessText.ToBytes(target.AsSpan(end)));
            if (await new RevisionResolver(volume, head, context.Surroundings.Clock).FindBranchAsync(revision, cancellationToken) is { } branch)
                return await OpenBranchAsync(volumes, volume, branch, path, cancellationToken);
        }

        return null;
    }

    async Task<FtpTree> OpenBranchAsync(OpenVolumes volumes, Volume volume, string branch, byte[] home, CancellationToken cancellationToken)
    {
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        if (TryOpenMountOf(tree.Archive.Path, home) is { } mount)
            return mount;
        var root = await tree.ReadRootAsync(cancellationToken);
        return await CheckHomeAsync(new StoredTree(context, trees, root, new BranchStates(context, volumes, volume, branch)) { Home = home }, cancellationToken);
    }

    async Task<FtpTree?> TryOpenArchiveAsync(string target, CancellationToken cancellationToken)
    {
        if (target is [_, '{', ..] || await trees.TextOfAsync(target, cancellationToken) != target)
            return null;
        var reference = context.ParseReference(target);
        if (reference is not { ArchivePath: { } path, Date: null })
            return null;
        var home = FtpPath.Resolve([], reference.SubPath.Span);
        if (TryOpenMountOf(path, home) is { } mount)
            return mount;
        if (Directory.Exists(path))
            throw new UserErrorException($"'{target}' is a folder on the disk and in no live mount; begin a session elsewhere, and put -r copies it there");
        var archive = new ArchiveFile(path, context.Surroundings.Clock, context.Boundary)
        {
            OnRestored = state => context.Messages.Say($"{path} had lost its state of {DirentText.DateOf(state.Date)}; it is in it again"),
        };
        var title = Path.GetFileName(path);
        if (!archive.Exists && !title.EndsWith(".vt", StringComparison.Ordinal))
            throw new UserErrorException($"there is no '{target}': neither an archive, nor a volume, nor a commit of the current one, nor a place in a live mount");
        await trees.WarnOfLostStatesAsync(archive.Exists ? path : null, cancellationToken);
        var last = archive.Exists && !archive.IsUnfinished ? archive.ReadLast()?.Root : null;
        var root = last ?? LiveArchive.NewRoot(context.Surroundings.Clock, (Ownership.EffectiveUser, Ownership.EffectiveGroup));
        if (root.Kind != DirentKind.Directory)
            throw new UserErrorException($"'{target}' is a {DirentText.KindOf(root.Kind)}; a session works on a directory");
        return await CheckHomeAsync(new StoredTree(context, trees, root, new ArchiveStates(title, archive, trees.Directories)) { Home = home }, cancellationToken);
    }

    static async Task<StoredTree> CheckHomeAsync(StoredTree tree, CancellationToken cancellationToken) =>
        await tree.FindAsync(tree.Home, cancellationToken) is { Kind: DirentKind.Directory } ? tree : throw new UserErrorException($"there is no folder {FtpPath.Show(tree.Home)} in {tree.Title}");
}
