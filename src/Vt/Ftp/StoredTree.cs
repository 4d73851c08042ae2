using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Operations;
using Vt.References;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Ftp;

/// <summary>A stored tree. Changes make other trees in the store, and the session goes on with those; a state is made of the last one at a sync.</summary>
/// <remarks>What is in the store and no state leads to is garbage at worst: a session that is killed leaves its archive as it was.</remarks>
sealed partial class StoredTree : FtpTree
{
    readonly CommandContext _context;
    readonly OpenTrees _trees;
    Dirent _root;
    Dirent _before;

    /// <summary>Starts with a tree.</summary>
    /// <param name="context">The command.</param>
    /// <param name="trees">The store; disposed with this.</param>
    /// <param name="root">The tree, with its inode table.</param>
    /// <param name="states">Where its states go.</param>
    public StoredTree(CommandContext context, OpenTrees trees, Dirent root, StateKeeper states)
    {
        _context = context;
        _trees = trees;
        _root = _before = root;
        States = states;
    }

    /// <summary>Where the states go.</summary>
    public StateKeeper States { get; }

    /// <inheritdoc/>
    public override string Title => States.Title;

    /// <inheritdoc/>
    public override string? Greeting => States.Greeting;

    /// <inheritdoc/>
    public override OpenTrees Trees => _trees;

    /// <inheritdoc/>
    public override bool HasChanges => !_root.Equals(_before);

    /// <inheritdoc/>
    public override bool IsKept => States.IsKept;

    /// <inheritdoc/>
    public override Dirent Before => _before;

    /// <inheritdoc/>
    public override ValueTask<Dirent?> FindAsync(byte[] path, CancellationToken cancellationToken) => TreePath.ResolveAsync(_trees.Directories, _root, path, cancellationToken);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<Dirent> ListAsync(byte[] path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var root = _root;
        if (await TreePath.ResolveAsync(_trees.Directories, root, path, cancellationToken) is not { Kind: DirentKind.Directory } folder)
            yield break;
        await foreach (var entry in _trees.Directories.EnumerateAsync(folder.Content, cancellationToken: cancellationToken))
            yield return await TreePath.FollowAsync(_trees.Directories, root, entry, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask<byte[]> TargetOfAsync(byte[] path, Dirent link, CancellationToken cancellationToken) => await _trees.TargetOfAsync(link, cancellationToken);

    /// <inheritdoc/>
    public override Task CatAsync(byte[] path, Dirent entry, CancellationToken cancellationToken) =>
        ContentOutput.WriteAsync(_context.Output, Store, FtpPath.Show(path), entry, cancellationToken);

    /// <inheritdoc/>
    public override async Task InspectAsync(byte[] path, Dirent entry, CancellationToken cancellationToken)
    {
        var report = await EntryReport.LoadAsync(_trees, FtpPath.Show(path), WithTable(entry), cancellationToken);
        report.Print(_context.Output, _context.Surroundings.Clock.LocalTimeZone);
        await ContentStructure.PrintAsync(_context.Output, _trees.Directories, entry, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<bool> GetAsync(byte[] path, Dirent entry, byte[] local, bool overwrite, CancellationToken cancellationToken) =>
        !(await new TreeExport(_context, Store) { Overwrite = overwrite }.RunAsync(entry, _root.Inodes, local, cancellationToken)).IsPartial;

    /// <inheritdoc/>
    public override async Task<bool> PutAsync(byte[] local, byte[] path, CancellationToken cancellationToken)
    {
        // The sync flushes, once for all that was put before it.
        await using var unflushed = Store is IDamageNotes { HasDamage: true } ? null : new UnflushedStore(Store);
        var result = await new TreeImport(_context, unflushed ?? Store).RunAsync(local, () => new(_root), path, cancellationToken);
        _root = result.Root;
        return !result.IsPartial;
    }

    /// <inheritdoc/>
    public override async ValueTask<Dirent> StoredAsync(byte[] path, CancellationToken cancellationToken) =>
        WithTable(await FindAsync(path, cancellationToken) ?? throw new UserErrorException($"there is no {FtpPath.Show(path)}"));

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<MergeConflict>> MergeAsync(Dirent before, Dirent theirs, string label, CancellationToken cancellationToken)
    {
        var outcome = await new TreeMerger(_trees.Directories, label).MergeAsync(before, _root, theirs, cancellationToken);
        _root = outcome.Root;
        return outcome.Conflicts;
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<MergeConflict>> SyncAsync(CancellationToken cancellationToken)
    {
        if (!HasChanges)
            return [];
        await Store.FlushAsync(cancellationToken);
        var outcome = await States.KeepAsync(_root, _before, cancellationToken);
        _root = _before = outcome.Root;
        return outcome.Conflicts;
    }

    /// <inheritdoc/>
    public override ValueTask<string> ReciteAsync(CancellationToken cancellationToken) => new(_root.ToString());

    /// <summary>The tree as it is now.</summary>
    public Dirent Root => _root;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _trees.DisposeAsync();

    // A directory can stand for a tree itself where it has the table.
    Dirent WithTable(Dirent entry) => entry.Kind == DirentKind.Directory ? entry with { Inodes = _root.Inodes } : entry;

    /// <summary>A store whose flush somebody else sees to.</summary>
    sealed class UnflushedStore(IBlockStore inner) : DelegatingStore(inner)
    {
        public override ValueTask FlushAsync(CancellationToken cancellationToken = default) => default;
    }
}
