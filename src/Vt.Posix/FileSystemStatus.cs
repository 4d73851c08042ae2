using System.Runtime.InteropServices;

namespace Vt.Posix;

/// <summary>What a file system holds and has left (statvfs(3)); the C library's layout on 64-bit machines.</summary>
[StructLayout(LayoutKind.Sequential, Size = 112)]
public readonly struct FileSystemStatus
{
    readonly ulong _blockSize;
    readonly ulong _fragmentSize;
    readonly ulong _blocks;
    readonly ulong _free;
    readonly ulong _available;
    readonly ulong _files;
    readonly ulong _freeFiles;
    readonly ulong _availableFiles;
    readonly ulong _id;
    readonly ulong _flags;
    readonly ulong _longestName;

    /// <summary>The preferred size of reads and writes, in bytes.</summary>
    public long BlockSize => (long)_blockSize;

    /// <summary>The unit that space is counted in, in bytes.</summary>
    public long FragmentSize => (long)_fragmentSize;

    /// <summary>All space, in bytes.</summary>
    public long TotalBytes => (long)(_blocks * _fragmentSize);

    /// <summary>Free space, in bytes, what is kept for root included.</summary>
    public long FreeBytes => (long)(_free * _fragmentSize);

    /// <summary>Free space for anybody, in bytes.</summary>
    public long AvailableBytes => (long)(_available * _fragmentSize);

    /// <summary>All inodes.</summary>
    public long Files => (long)_files;

    /// <summary>Free inodes.</summary>
    public long FreeFiles => (long)_freeFiles;

    /// <summary>Mount flags (ST_*).</summary>
    public ulong Flags => _flags;

    /// <summary>The longest name, in bytes.</summary>
    public long LongestName => (long)_longestName;
}
