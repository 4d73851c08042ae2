using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Operations;
using Vt.Output;
using Vt.Remotes;
using Vt.Trees.Diff;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Ftp;

/// <summary>The commands of a session about states and stores.</summary>
static class StateCommands
{
    /// <summary>Chooses the second store, or says which it is.</summary>
    public static async Task PeerAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Words.Count > 0)
        {
            var remote = RemotePlace.Find(session.Context, arguments.TextAt(0));
            await session.SetPeerAsync(await session.Context.OpenStoreAsync(remote.Settings, isReadOnly: false, cancellationToken));
        }

        session.Output.WriteLine(session.Peer.Description);
    }

    /// <summary>Brings blocks from the second store that ours lacks.</summary>
    public static async Task PullAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        foreach (var path in await PathsAsync(session, arguments, cancellationToken))
        {
            var entry = await session.Tree.StoredAsync(path, cancellationToken);
            await using var both = new FallbackStore(session.Tree.Store, session.Peer);
            var counters = await BlockExchange.RunAsync(session.Context, "pull", both, session.Tree.Store, entry, isThorough: true, cancellationToken);
            session.Context.Messages.Say($"pulled {FtpPath.Show(path)}: {BlockExchange.Summary(counters)}");
        }
    }

    /// <summary>Sends blocks to the second store that it lacks, and says the reference by which they are found there.</summary>
    public static async Task PushAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        foreach (var path in await PathsAsync(session, arguments, cancellationToken))
        {
            var entry = await session.Tree.StoredAsync(path, cancellationToken);
            var counters = await BlockExchange.RunAsync(session.Context, "push", session.Tree.Store, session.Peer, entry, isThorough: false, cancellationToken);
            session.Context.Messages.Say($"pushed {FtpPath.Show(path)}: {BlockExchange.Summary(counters)}");
            session.Output.WriteLine(entry.ToString());
        }
    }

    /// <summary>Merges another tree.</summary>
    public static async Task MergeAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var what = arguments.TextAt(0);
        var theirs = await FindFolderAsync(session, what, cancellationToken);
        var branch = arguments.Words.Count > 1 ? null : await FindBranchAsync(session, cancellationToken);
        var found = branch is { } known ? await FindCommonAsync(session, known.Volumes, known.Volume, known.Branch, what, cancellationToken) : null;
        if (found is { IsOld: true })
        {
            session.Context.Messages.Say($"{session.Tree.Title} has all of {TerminalText.Visible(what)} already");
            return;
        }

        // Without anything in common what only one has is nothing that the other removed.
        var before = arguments.Words.Count > 1 ? await FindFolderAsync(session, arguments.TextAt(1), cancellationToken)
            : found?.Before ?? theirs with { Content = BlockRef.Empty, Inodes = default };
        var label = session.Tree.Store.Hasher.Hash(theirs.Encode()).ToShortString()[..8];
        Report(session, await session.Tree.MergeAsync(before, theirs, label, cancellationToken), "put the tree right, or leave it so");
        if (found is { Commit: { } commit } && session.Tree is StoredTree { States: BranchStates states })
            states.Merged = commit;
    }

    /// <summary>Says how the session stands.</summary>
    public static async Task StatusAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        session.Output.WriteLine($"tree:   {session.Tree.Title}{(session.Tree.IsKept ? "" : " (states are not kept)")}");
        session.Output.WriteLine($"folder: {FtpPath.Show(session.Folder)}");
        session.Output.WriteLine($"store:  {session.Tree.Store.Description}");
        session.Output.WriteLine($"peer:   {(session.HasPeer ? session.Peer.Description : "none")}");
        if (session.Tree is not StoredTree { HasChanges: true } stored)
            return;
        session.Output.WriteLine("changed since the last sync:");
        await foreach (var change in new TreeDiff(stored.Trees.Directories).CompareAsync(stored.Before, stored.Root, cancellationToken))
            TreeChangeText.Print(session.Output, change);
    }

    /// <summary>Makes a state.</summary>
    public static async Task SyncAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken) =>
        Report(session, await session.Tree.SyncAsync(cancellationToken), "both are stored");

    /// <summary>Makes a state and a commit of it.</summary>
    public static async Task CommitAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.ValueOf('m') is not { } message || string.IsNullOrWhiteSpace(message))
            throw new FtpUsageException("commit: a commit needs a message: commit -m TEXT");
        if (await FindBranchAsync(session, cancellationToken) is not { } known)
            throw new UserErrorException($"{session.Tree.Title} is no volume's tree, and commits are of volumes");
        var context = session.Context;
        var committer = await Authorship.CommitterAsync(context, cancellationToken);
        await SyncAsync(session, arguments, cancellationToken);
        using var tree = await BranchTree.OpenAsync(context, known.Volumes, known.Volume, known.Branch, cancellationToken);
        var maker = new CommitMaker { Committer = committer, Author = committer, Message = message, Merged = tree.Merged };
        if (await tree.CommitAsync((root, tip, token) => maker.MakeAsync(context, known.Volume.Commits, root, tip, token), cancellationToken) is { } made)
            session.Output.WriteLine(CommitText.IdOf(made));
        else
            context.Messages.Say($"nothing has changed in {BranchTree.MountNameOf(known.Volume, known.Branch)} since its last commit");
    }

    /// <summary>Makes a state, says the tree's reference, and ends the session.</summary>
    public static async Task QuitAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        await SyncAsync(session, arguments, cancellationToken);
        session.Output.WriteLine(await session.Tree.ReciteAsync(cancellationToken));
        session.End();
    }

    static void Report(FtpSession session, IReadOnlyList<MergeConflict> conflicts, string advice)
    {
        if (conflicts.Count == 0)
            return;
        MergeReport.PrintConflicts(session.Context, false, conflicts);
        session.Context.Messages.Say($"{conflicts.Count} {(conflicts.Count == 1 ? "conflict" : "conflicts")}: {advice}");
        session.IsPartial = true;
    }

    static async ValueTask<List<byte[]>> PathsAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        _ = session.Peer;
        return arguments.Words.Count == 0 ? [[]] : [.. (await session.ExpandAsync(arguments.Words, cancellationToken)).Select(static one => one.Path)];
    }

    static async ValueTask<Dirent> FindFolderAsync(FtpSession session, string text, CancellationToken cancellationToken)
    {
        var entry = (await session.Tree.Trees.FindAsync(text, cancellationToken)).Entry;
        return entry.Kind == DirentKind.Directory ? entry : throw new UserErrorException($"'{TerminalText.Visible(text)}' is a {DirentText.KindOf(entry.Kind)}, and a directory is wanted");
    }

    // The branch whose tree this is; null of any other.
    static async ValueTask<(OpenVolumes Volumes, Volume Volume, string Branch)?> FindBranchAsync(FtpSession session, CancellationToken cancellationToken)
    {
        if (session.Tree.Store is not IRefStore)
            return null;
        var volumes = OpenVolumes.Of(session.Context, session.Tree.Store);
        if (session.Tree is StoredTree { States: BranchStates states })
            return (volumes, states.Volume, states.Branch);
        if (session.Tree is not MountTree mount)
            return null;
        await foreach (var volume in volumes.Catalog.ListAsync(cancellationToken))
        {
            if (volumes.Work.BranchOf(volume, mount.Archive) is { } branch)
                return (volumes, volume, branch);
        }

        return null;
    }

    // What the branch and a commit of its volume come from; null where it is no such commit, or they have nothing in common.
    static async ValueTask<(Dirent Before, Vt.Blocks.Hashing.BlockHash Commit, bool IsOld)?> FindCommonAsync(
        FtpSession session, OpenVolumes volumes, Volume volume, string branch, string text, CancellationToken cancellationToken)
    {
        Vt.Blocks.Hashing.BlockHash commit;
        try
        {
            var (other, id) = await volumes.ResolveAsync(text, volume.Name, branch, cancellationToken);
            if (other.Id != volume.Id)
                return null;
            commit = id;
        }
        catch (UserErrorException)
        {
            // Something else was found under that text: an archive, a tree, a folder in one.
            return null;
        }

        if (await volume.ReadTipAsync(branch, cancellationToken) is not { } tip || await MergeBase.FindAsync(volume.Commits, tip, commit, cancellationToken) is not { } common)
            return null;
        return ((await volume.Commits.ReadAsync(common, cancellationToken)).Root, commit, common == commit);
    }
}
