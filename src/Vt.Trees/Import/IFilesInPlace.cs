using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Trees.Import;

/// <summary>
/// Knows where the content of files lies, so that an import need not store it. Paths are those below the source, in bytes, without a slash at
/// their start. Called from several threads at once.
/// </summary>
public interface IFilesInPlace
{
    /// <summary>
    /// What blocks of files are given to, and the indirect blocks above them: only those are to be kept. It hashes and cuts as the import's store does.
    /// </summary>
    IBlockStore ContentStore { get; }

    /// <summary>Whether a file has to be read although it looks as it did.</summary>
    /// <param name="path">Its path.</param>
    bool IsSuspect(ReadOnlySpan<byte> path);

    /// <summary>Finds the content of a file that the previous state has not got, or has otherwise, under its name.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="status">What the kernel says of it now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its content, which has been noted under the path; null where it has to be read.</returns>
    ValueTask<ContentInPlace?> FindAsync(ReadOnlyMemory<byte> path, Statx status, CancellationToken cancellationToken);

    /// <summary>Notes the content of a file that was read. All of it was given to <see cref="ContentStore"/> before.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="status">What the kernel said of it before it was read.</param>
    /// <param name="content">Its content.</param>
    /// <param name="holeSpan">How many bytes of it lie in holes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask NoteAsync(ReadOnlyMemory<byte> path, Statx status, BlockRef content, ulong holeSpan, CancellationToken cancellationToken);
}
