using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Trees.Export;

/// <summary>An entry that is to be made, anything but a directory; it holds a use of its directory.</summary>
sealed class ExportJob(ExportDirectory directory, ReadOnlyMemory<byte> name, Dirent? dirent, LinkTarget? link)
{
    public ExportDirectory Directory { get; } = directory;

    public ReadOnlyMemory<byte> Name { get; } = name;

    /// <summary>What to make, attributes loaded; null as long as it isn't known whether this is a link's first name.</summary>
    public Dirent? Dirent { get; set; } = dirent;

    /// <summary>The inode that this is a name of, of hard links.</summary>
    public LinkTarget? Link { get; } = link;

    /// <summary>The file while it is written.</summary>
    public FileDescriptor? File { get; set; }

    /// <summary>The name under which it is being made; null for its own or none.</summary>
    public byte[]? TemporaryName { get; set; }

    /// <summary>How many bytes of its content have been dealt with.</summary>
    public long Done { get; set; }

    /// <summary>Whether it ends with a hole, so that its size has to be set.</summary>
    public bool EndsInHole { get; set; }

    /// <summary>Whether it was made or given up.</summary>
    public bool IsSettled { get; set; }

    public ReadOnlySpan<byte> PresentName => TemporaryName ?? Name.Span;
}
