using Vt.Blocks.Hashing;
using Vt.Posix;

namespace Vt.Trees.Check;

/// <summary>Something that is wrong with a tree, named by where a reader would meet it.</summary>
/// <param name="Tree">The tree's name.</param>
/// <param name="Path">The path in the tree, names with slashes between; empty of the root.</param>
/// <param name="Offset">Where in the file's content the affected bytes start; null where the fault isn't in a file's content.</param>
/// <param name="Length">How many bytes of content are affected.</param>
/// <param name="Hash">The block that is missing or damaged; none where the fault is another.</param>
/// <param name="What">What is wrong.</param>
public sealed record TreeFault(string Tree, ReadOnlyMemory<byte> Path, long? Offset, long Length, BlockHash Hash, string What)
{
    /// <summary>The fault on one line.</summary>
    public override string ToString() =>
        $"{Tree}: {(Path.IsEmpty ? "." : PathText.Of(Path.Span))}{(Offset is { } at ? $": bytes {at} to {at + Length - 1}" : "")}: {What}";
}
