using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>A file to be read and stored, and what came of it.</summary>
sealed class FileJob(SourceDirectory directory, byte[] name, in Statx status)
{
    readonly Statx _status = status;

    /// <summary>Where it lies; held until the job is done.</summary>
    public SourceDirectory Directory { get; } = directory;

    /// <summary>Its name.</summary>
    public byte[] Name { get; } = name;

    /// <summary>What the walker saw.</summary>
    public ref readonly Statx Status => ref _status;

    /// <summary>Of a symbolic link whose target is long: the target, to be stored. Otherwise null.</summary>
    public byte[]? Target { get; init; }

    /// <summary>With <see cref="Target"/>: the dirent, which lacks nothing but the content.</summary>
    public Dirent? Template { get; init; }

    /// <summary>Where the inode has several names: its record.</summary>
    public LinkRecord? Link { get; init; }

    /// <summary>What the previous state has under the name, or of the inode where it is linked; null where it hasn't got it.</summary>
    public Dirent? Previous { get; init; }

    /// <summary>The dirent that was made; null where the file can't be read.</summary>
    public Dirent? Result { get; set; }

    /// <summary>Why it can't be read.</summary>
    public Errno Error { get; set; }

    /// <summary>Whether it changed while it was read, and again.</summary>
    public bool Changed { get; set; }

    /// <summary>Why attributes are missing.</summary>
    public Errno XattrError { get; set; }
}
