using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.Platonic;
using Vt.Trees.Import;

namespace Vt.Hosts.PlatonicHost;

/// <summary>Lets an import tell a platonic store's index where the content of files lies.</summary>
/// <param name="scan">The writing of the index.</param>
sealed class FilesInPlace(PlatonicScan scan) : IFilesInPlace
{
    public IBlockStore ContentStore => scan.ContentStore;

    public bool IsSuspect(ReadOnlySpan<byte> path) => scan.IsSuspect(path);

    public async ValueTask<ContentInPlace?> FindAsync(ReadOnlyMemory<byte> path, Statx status, CancellationToken cancellationToken) =>
        await scan.FindAsync(path, status, cancellationToken) is { } found ? new ContentInPlace(found.Content, found.HoleSpan) : null;

    public ValueTask NoteAsync(ReadOnlyMemory<byte> path, Statx status, BlockRef content, ulong holeSpan, CancellationToken cancellationToken) =>
        scan.NoteAsync(path, status, content, holeSpan, cancellationToken);
}
