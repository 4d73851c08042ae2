using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Trees.Dirents;

namespace Vt.Operations;

/// <summary>Writes stored content where results go: what <c>vt cat</c> and <c>cat</c> of a session do.</summary>
static class ContentOutput
{
    /// <summary>Writes a file's content, or a symbolic link's target.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="store">The store.</param>
    /// <param name="name">What the entry was called, for the message.</param>
    /// <param name="entry">The entry; of a hard link the inode.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="UserErrorException">It has no content.</exception>
    public static async Task WriteAsync(ResultWriter output, IBlockStore store, string name, Dirent entry, CancellationToken cancellationToken)
    {
        if (entry.Kind is not (DirentKind.File or DirentKind.Symlink))
            throw new UserErrorException($"'{name}' is a {DirentText.KindOf(entry.Kind)}, which has no content to write");
        var reader = new BlockTreeReader(store, entry.Content);
        await OrderedReading.ReadAsync(reader.Length, reader.ReadAsync, piece => output.WriteBytes(piece.Span), cancellationToken);
    }
}
