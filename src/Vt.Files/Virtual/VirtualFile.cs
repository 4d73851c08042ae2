using Vt.Files.Inodes;
using Vt.Files.Reading;
using Vt.Trees.Dirents;

namespace Vt.Files.Virtual;

/// <summary>A virtual file that somebody has looked up. What changes is guarded by the table's gate.</summary>
/// <param name="node">By which it is known.</param>
/// <param name="format">What it is.</param>
/// <param name="folder">The folder, as it was stored then.</param>
/// <param name="length">How many bytes it has.</param>
sealed class VirtualFile(NodeId node, VirtualFormat format, Dirent folder, long length)
{
    /// <summary>By which it is known; the inode number as well.</summary>
    public NodeId Node => node;

    /// <summary>What it is.</summary>
    public VirtualFormat Format => format;

    /// <summary>The folder that it is made of.</summary>
    public Dirent Folder => folder;

    /// <summary>How many bytes it has.</summary>
    public long Length => length;

    /// <summary>How many lookups the kernel holds.</summary>
    public ulong Lookups { get; set; }

    /// <summary>Reads it; null of one that was not read lately.</summary>
    public ContentReader? Reader { get; set; }
}
