using Vt.Blocks.BlockTree;

namespace Vt.Trees.Tar;

/// <summary>A folder on the way to a member. Shared by all that lies in it, so it has its name only; paths are put together when they are needed.</summary>
/// <param name="parent">The folder that it is in; null of the one that is archived.</param>
/// <param name="position">How many entries of the parent come before it.</param>
/// <param name="name">Its name; empty of the one that is archived.</param>
/// <param name="content">Its root node.</param>
sealed class TarFolder(TarFolder? parent, long position, ReadOnlyMemory<byte> name, BlockRef content)
{
    readonly int _pathLength = parent is null ? 0 : parent._pathLength + name.Length + 1;

    /// <summary>The folder that this is in.</summary>
    public TarFolder? Parent { get; } = parent;

    /// <summary>How many entries of the parent come before this.</summary>
    public long Position { get; } = position;

    /// <summary>The root node.</summary>
    public BlockRef Content { get; } = content;

    /// <summary>The path of something in this folder; of this folder itself, with a slash at its end, where the name is empty.</summary>
    public byte[] PathOf(ReadOnlySpan<byte> below)
    {
        var path = new byte[_pathLength + below.Length];
        below.CopyTo(path.AsSpan(_pathLength));
        for (var folder = this; folder.Parent is not null; folder = folder.Parent)
        {
            path[folder._pathLength - 1] = (byte)'/';
            folder.Name.Span.CopyTo(path.AsSpan(folder._pathLength - 1 - folder.Name.Length));
        }

        return path;
    }

    ReadOnlyMemory<byte> Name { get; } = name.ToArray();
}
