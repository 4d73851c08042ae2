using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Stores.Platonic;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Hosts.PlatonicHost;

/// <summary>
/// Makes a platonic store's index anew of a tree, without reading a file: the tree says which blocks a file has, and the file itself whether that is still true.
/// What can't be read of the tree is left out, and its files are read by the scan that follows.
/// </summary>
/// <param name="scan">The writing of the index.</param>
/// <param name="root">The tree.</param>
sealed class IndexRebuild(PlatonicScan scan, Dirent root)
{
    readonly DirectoryReader _reader = new(scan.TreeStore, new DirectoryNodeCache());

    /// <summary>Whether a part of the tree could not be read.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Does it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var open = new Stack<(byte[] Path, BlockRef Content)>();
        open.Push(([], root.Content));
        while (open.TryPop(out var directory))
        {
            try
            {
                await foreach (var entry in _reader.EnumerateAsync(directory.Content, cancellationToken: cancellationToken))
                    await VisitAsync(directory.Path, entry, open, cancellationToken);
            }
            catch (Exception fault) when (fault is BlockMissingException or BlockCorruptException or FormatInvalidException)
            {
                IsPartial = true;
            }
        }
    }

    async ValueTask VisitAsync(byte[] folder, Dirent entry, Stack<(byte[] Path, BlockRef Content)> open, CancellationToken cancellationToken)
    {
        byte[] path = folder.Length == 0 ? entry.Name.ToArray() : [.. folder, (byte)'/', .. entry.Name.Span];
        if (entry.Kind == DirentKind.Directory)
            open.Push((path, entry.Content));
        if (entry is { Kind: DirentKind.Indirect, Uuid: { } uuid })
            entry = await _reader.LookupInodeAsync(root.Inodes, uuid, cancellationToken) ?? entry;
        if (entry.Kind != DirentKind.File)
            return;
        var metadata = entry.Metadata;
        await scan.NoteAsync(
            path, metadata.SourceInode, NanosecondsOf(metadata.ModificationTime), NanosecondsOf(metadata.ChangeTime), entry.Content, metadata.HoleSpan, cancellationToken);
    }

    // As Statx tells it: the nearest that fits.
    static long NanosecondsOf(Timestamp? time) => time is { } known
        ? (long)Int128.Clamp(((Int128)known.Seconds * Timestamp.NanosecondsPerSecond) + known.Nanoseconds, long.MinValue, long.MaxValue)
        : 0;
}
