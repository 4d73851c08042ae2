using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>
/// Looks whether the store still has all that the previous state needs, so that what it has lost is stored again although the source has not
/// changed. Only where the store knows of damage; otherwise it says yes to everything and costs nothing. One thread at a time.
/// </summary>
/// <remarks>Cost: a walk of the indirect blocks of unchanged files, a lookup of each of their blocks, and no reading of content.</remarks>
sealed class PreviousCheck
{
    readonly IBlockStore _store;
    readonly DirectoryReader _reader;
    readonly TreeBatch _batch;
    readonly BlockTreeWalker _walker;
    readonly bool _isWanted;
    bool _isAbsent;

    /// <summary>Prepares.</summary>
    /// <param name="store">The store.</param>
    /// <param name="reader">Reads the previous state.</param>
    /// <param name="batch">Takes what is made of what can be read.</param>
    /// <param name="isWanted">Whether the store has damage.</param>
    public PreviousCheck(IBlockStore store, DirectoryReader reader, TreeBatch batch, bool isWanted)
    {
        _store = store;
        _reader = reader;
        _batch = batch;
        _walker = new BlockTreeWalker(store, AskAsync);
        _isWanted = isWanted;
    }

    /// <summary>Whether a fault may be damage to one block, which does not keep others from being read.</summary>
    public static bool IsDamage(Exception fault) => fault is BlockMissingException or BlockCorruptException or FormatInvalidException;

    /// <summary>Whether the content of an entry and its attributes are there.</summary>
    public async ValueTask<bool> IsWholeAsync(Dirent entry, CancellationToken cancellationToken) =>
        !_isWanted
        || (await IsThereAsync(entry.Content, cancellationToken)
            && (!entry.Metadata.Xattrs.IsStored || await IsThereAsync(entry.Metadata.Xattrs.Stored, cancellationToken)));

    /// <summary>What can be read of a directory or inode table.</summary>
    /// <returns>
    /// Null where all of it is there. Otherwise another one, made of the entries that can still be read, and stored.
    /// </returns>
    public async ValueTask<BlockRef?> SalvageAsync(BlockRef content, DirectoryOrder order, CancellationToken cancellationToken)
    {
        if (!_isWanted || content.Span == 0 || await WalkRootAsync(content, order, null, cancellationToken))
            return null;
        var entries = new List<Dirent>();
        await WalkRootAsync(content, order, entries, cancellationToken);
        var made = await DirectoryBuilder.BuildAsync(_batch, entries, order, cancellationToken);

        // It is read right away.
        await _batch.DrainAsync(cancellationToken);
        return made.Content;
    }

    async ValueTask<bool> IsThereAsync(BlockRef content, CancellationToken cancellationToken)
    {
        _isAbsent = false;
        try
        {
            await foreach (var _ in _walker.WalkAsync(content, cancellationToken))
            {
                if (_isAbsent)
                    return false;
            }

            return !_isAbsent;
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            return false;
        }
    }

    // The walk leaves out what is not there, and ends as soon as anything is not.
    async ValueTask AskAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> leaveOut, CancellationToken cancellationToken)
    {
        await _store.ContainsManyAsync(hashes, leaveOut, cancellationToken);
        foreach (ref var isThere in leaveOut.Span[..hashes.Length])
        {
            _isAbsent |= !isThere;
            isThere = !isThere;
        }
    }

    // Takes all entries that can be read, where they are wanted, and stops at the first fault where not.
    async ValueTask<bool> WalkRootAsync(BlockRef content, DirectoryOrder order, List<Dirent>? entries, CancellationToken cancellationToken)
    {
        try
        {
            var isThere = await ContainsAllAsync([content.Hash], cancellationToken);
            var node = await _reader.Loader.LoadRootAsync(content, order, cancellationToken);
            return await WalkAsync(node, entries, cancellationToken) && isThere;
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            return false;
        }
    }

    async ValueTask<bool> WalkAsync(DirectoryNode node, List<Dirent>? entries, CancellationToken cancellationToken)
    {
        if (node.Level == 0)
        {
            for (var i = 0; entries is not null && i < node.Count; i++)
                entries.Add(node.DirentAt(i));
            return true;
        }

        var hashes = new BlockHash[node.Count];
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = node.ChildAt(i).Node.Hash;
        var isWhole = await ContainsAllAsync(hashes, cancellationToken);
        for (var i = 0; (isWhole || entries is not null) && i < node.Count; i++)
        {
            try
            {
                var child = await _reader.Loader.LoadChildAsync(node, i, cancellationToken);
                isWhole &= await WalkAsync(child, entries, cancellationToken);
            }
            catch (Exception fault) when (IsDamage(fault))
            {
                isWhole = false;
            }
        }

        return isWhole;
    }

    async ValueTask<bool> ContainsAllAsync(BlockHash[] hashes, CancellationToken cancellationToken)
    {
        var present = new bool[hashes.Length];
        await _store.ContainsManyAsync(hashes, present, cancellationToken);
        return !present.Contains(false);
    }
}
