using Vt.References;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>Lists full paths as they are, each ended by a NUL.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="trees">Reads the store.</param>
sealed class RawTreeLister(ResultWriter output, OpenTrees trees) : TreeLister(trees)
{
    /// <inheritdoc/>
    protected override ValueTask EntryAsync(Dirent entry, byte[] path, CancellationToken cancellationToken)
    {
        output.WriteBytes(path);
        output.WriteBytes("\0"u8);
        return default;
    }
}
