using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using DirectoryReader = Vt.Trees.Directories.DirectoryReader;

namespace Vt.Trees.Check;

/// <summary>
/// Follows trees from their roots to the last block and names whatever is missing, damaged or inconsistent by its path and its
/// range of bytes. A fault never ends the check.
/// </summary>
/// <remarks>
/// Memory: 8 bytes of each distinct block's name, so that shared content is read once, and one batch of blocks. Two blocks whose
/// names agree in 64 bits would be taken for one: with a hundred million blocks that happens once in a few thousand checks.
/// </remarks>
public sealed class TreeChecker
{
    const int BatchBlocks = 128;

    readonly IBlockStore _store;
    readonly DirectoryReader _directories;
    readonly bool _readData;
    readonly Action<TreeFault> _report;
    readonly CheckCounters _counters;
    readonly HashSet<ulong> _sound = [];
    readonly List<(WalkedRef Leaf, ReadOnlyMemory<byte> Path)> _batch = new(BatchBlocks);

    /// <summary>Prepares a check.</summary>
    /// <param name="store">Where the trees are; not disposed.</param>
    /// <param name="readData">Whether every block of content is read, too, and not only asked for.</param>
    /// <param name="report">Is told of each fault as it is found.</param>
    /// <param name="counters">Counts; null for none.</param>
    public TreeChecker(IBlockStore store, bool readData, Action<TreeFault> report, CheckCounters? counters = null)
    {
        _store = store;
        _directories = new DirectoryReader(store, new DirectoryNodeCache());
        _readData = readData;
        _report = report;
        _counters = counters ?? new CheckCounters();
    }

    /// <summary>Checks a tree. Several may be checked one after another; what they share is read once.</summary>
    /// <param name="root">Its root, a directory or a file.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    public async Task CheckAsync(Dirent root, CancellationToken cancellationToken = default)
    {
        var names = new Dictionary<Guid, uint>();
        await CheckEntryAsync(root, ReadOnlyMemory<byte>.Empty, root.Inodes, names, cancellationToken);
        await CheckInodesAsync(root, names, cancellationToken);
        await DrainAsync(cancellationToken);
    }

    async Task CheckEntryAsync(
        Dirent entry, ReadOnlyMemory<byte> path, BlockRef inodes, Dictionary<Guid, uint> names, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _counters.CountEntry();
        if (entry.Metadata.Xattrs.IsStored)
            await CheckContentAsync(entry.Metadata.Xattrs.Stored, path, cancellationToken);
        switch (entry.Kind)
        {
            case DirentKind.Directory:
                await CheckDirectoryAsync(entry, path, inodes, names, cancellationToken);
                break;
            case DirentKind.File or DirentKind.Symlink:
                await CheckContentAsync(entry.Content, path, cancellationToken);
                break;
            case DirentKind.Indirect:
                await CheckLinkAsync(entry, path, inodes, names, cancellationToken);
                break;
            default:
                break;
        }
    }

    async Task CheckDirectoryAsync(
        Dirent directory, ReadOnlyMemory<byte> path, BlockRef inodes, Dictionary<Guid, uint> names, CancellationToken cancellationToken)
    {
        // A damaged leaf hides its own entries only: the listing is taken up again behind it.
        for (var position = 0L; ;)
        {
            try
            {
                if (await _directories.PageAtAsync(directory.Content, DirectoryOrder.Names, position, cancellationToken) is not { } page)
                    return;
                for (var i = 0; i < page.Count; i++, position++)
                {
                    var entry = page.DirentAt(i);
                    if (Dirent.CheckName(entry.Name.Span) is { } fault)
                        Report(path, null, 0, default, fault);
                    await CheckEntryAsync(entry, Join(path, entry.Name), inodes, names, cancellationToken);
                }
            }
            catch (Exception e) when (IsDamage(e))
            {
                Report(path, null, 0, HashOf(e), $"a part of the directory can't be read: {e.Message}");
                if (await NextReadableAsync(directory.Content, position + 1, cancellationToken) is not { } next)
                    return;
                position = next;
            }
        }
    }

    // The first position at or behind one whose page can be read; null where there is none, or the root itself is gone.
    async ValueTask<long?> NextReadableAsync(BlockRef directory, long from, CancellationToken cancellationToken)
    {
        long entries;
        try
        {
            entries = (await _directories.GetRootAsync(directory, cancellationToken: cancellationToken)).Entries;
        }
        catch (Exception e) when (IsDamage(e))
        {
            return null;
        }

        for (var position = from; position < entries; position++)
        {
            try
            {
                if (await _directories.PageAtAsync(directory, DirectoryOrder.Names, position, cancellationToken) is { } page)
                {
                    _ = page.DirentAt(0);
                    return position;
                }
            }
            catch (Exception e) when (IsDamage(e))
            {
                // Still within what is damaged.
            }
        }

        return null;
    }

    async Task CheckLinkAsync(
        Dirent link, ReadOnlyMemory<byte> path, BlockRef inodes, Dictionary<Guid, uint> names, CancellationToken cancellationToken)
    {
        if (link.Uuid is not { } uuid)
        {
            Report(path, null, 0, default, "a hard link names no inode");
            return;
        }

        var known = names.GetValueOrDefault(uuid);
        names[uuid] = known + 1;
        try
        {
            if (await _directories.LookupInodeAsync(inodes, uuid, cancellationToken) is not { } inode)
                Report(path, null, 0, default, $"a hard link names inode {uuid}, which the tree does not have");
            else if (known == 0)
                await CheckEntryAsync(inode, path, inodes, names, cancellationToken);
        }
        catch (Exception e) when (IsDamage(e))
        {
            Report(path, null, 0, HashOf(e), $"its inode can't be read: {e.Message}");
        }
    }

    async Task CheckInodesAsync(Dirent root, Dictionary<Guid, uint> names, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var inode in _directories.EnumerateAsync(root.Inodes, order: DirectoryOrder.Uuids, cancellationToken: cancellationToken))
            {
                var uuid = inode.Uuid ?? new Guid(inode.Name.Span, bigEndian: true);
                var found = names.GetValueOrDefault(uuid);
                if (found == 0)
                    Report(default, null, 0, default, $"no name leads to inode {uuid}");
                else if (inode.Metadata.LinkCount < found)
                    Report(default, null, 0, default, $"inode {uuid} counts {inode.Metadata.LinkCount} links but has {found} names");
            }
        }
        catch (Exception e) when (IsDamage(e))
        {
            Report(default, null, 0, HashOf(e), $"the inode table can't be read: {e.Message}");
        }
    }

    async Task CheckContentAsync(BlockRef content, ReadOnlyMemory<byte> path, CancellationToken cancellationToken)
    {
        var walker = new BlockTreeWalker(
            _store, onDamage: (node, e) => Report(path, node.Offset, node.Reference.Span, node.Reference.Hash, e.Message));
        await foreach (var walked in walker.WalkAsync(content, cancellationToken))
        {
            if (walked.Reference.Kind != BlockRefKind.Direct || _sound.Contains(walked.Reference.Hash.Prefix))
                continue;
            _batch.Add((walked, path));
            if (_batch.Count == BatchBlocks)
                await DrainAsync(cancellationToken);
        }
    }

    async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0)
            return;
        var hashes = _batch.ConvertAll(static item => item.Leaf.Reference.Hash).ToArray();
        var present = new bool[hashes.Length];
        await _store.ContainsManyAsync(hashes, present, cancellationToken);
        if (!_readData || !await TryReadAllAsync(hashes, present, cancellationToken))
        {
            for (var i = 0; i < hashes.Length; i++)
                await CheckBlockAsync(_batch[i].Leaf, _batch[i].Path, present[i], cancellationToken);
        }

        _batch.Clear();
    }

    // The usual case: all are there and good, read with one request.
    async ValueTask<bool> TryReadAllAsync(BlockHash[] hashes, bool[] present, CancellationToken cancellationToken)
    {
        if (Array.IndexOf(present, false) >= 0)
            return false;
        var leases = new BlockLease[hashes.Length];
        try
        {
            await _store.GetManyAsync(hashes, leases, cancellationToken);
        }
        catch (Exception e) when (IsDamage(e))
        {
            return false;
        }

        var isGood = true;
        for (var i = 0; i < leases.Length; i++)
        {
            isGood &= leases[i].IsPresent && leases[i].Memory.Length == _batch[i].Leaf.Reference.Span;
            leases[i].Dispose();
        }

        for (var i = 0; isGood && i < hashes.Length; i++)
            Sound(_batch[i].Leaf.Reference);
        return isGood;
    }

    async ValueTask CheckBlockAsync(WalkedRef leaf, ReadOnlyMemory<byte> path, bool isPresent, CancellationToken cancellationToken)
    {
        var hash = leaf.Reference.Hash;
        if (isPresent && !_readData)
        {
            Sound(leaf.Reference);
            return;
        }

        try
        {
            using var lease = await _store.GetAsync(hash, cancellationToken);
            if (!lease.IsPresent)
                Report(path, leaf.Offset, leaf.Reference.Span, hash, $"block {hash} is missing");
            else if (lease.Memory.Length != leaf.Reference.Span)
                Report(path, leaf.Offset, leaf.Reference.Span, hash, $"block {hash} has {lease.Memory.Length} bytes, not {leaf.Reference.Span}");
            else
                Sound(leaf.Reference);
        }
        catch (Exception e) when (IsDamage(e))
        {
            Report(path, leaf.Offset, leaf.Reference.Span, hash, e.Message);
        }
    }

    void Sound(in BlockRef leaf)
    {
        if (_sound.Add(leaf.Hash.Prefix))
            _counters.CountBlock(leaf.Span);
    }

    void Report(ReadOnlyMemory<byte> path, long? offset, long length, BlockHash hash, string what)
    {
        _counters.CountFault();
        _report(new TreeFault(path, offset, length, hash, what));
    }

    static BlockHash HashOf(Exception e) => e switch
    {
        BlockMissingException missing => missing.Hash,
        BlockCorruptException corrupt => corrupt.Hash,
        _ => default,
    };

    static bool IsDamage(Exception e) => e is BlockMissingException or BlockCorruptException or FormatInvalidException;

    static byte[] Join(ReadOnlyMemory<byte> folder, ReadOnlyMemory<byte> name) =>
        folder.IsEmpty ? name.ToArray() : [.. folder.Span, (byte)'/', .. name.Span];
}
