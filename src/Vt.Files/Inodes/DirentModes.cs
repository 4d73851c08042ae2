using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Files.Inodes;

/// <summary>The file types of st_mode for the kinds of dirents (inode(7)).</summary>
static class DirentModes
{
    public static uint TypeOf(DirentKind kind) => kind switch
    {
        DirentKind.File => ModeBits.S_IFREG,
        DirentKind.Directory => ModeBits.S_IFDIR,
        DirentKind.Symlink => ModeBits.S_IFLNK,
        DirentKind.Fifo => ModeBits.S_IFIFO,
        DirentKind.Socket => ModeBits.S_IFSOCK,
        DirentKind.CharacterDevice => ModeBits.S_IFCHR,
        DirentKind.BlockDevice => ModeBits.S_IFBLK,
        _ => 0,
    };

    /// <summary>The kind that the type in a mode stands for; a mode without a type is a regular file's (mknod(2)). Null of one that is none.</summary>
    public static DirentKind? KindOf(uint mode) => (mode & ModeBits.S_IFMT) switch
    {
        0 or ModeBits.S_IFREG => DirentKind.File,
        ModeBits.S_IFDIR => DirentKind.Directory,
        ModeBits.S_IFLNK => DirentKind.Symlink,
        ModeBits.S_IFIFO => DirentKind.Fifo,
        ModeBits.S_IFSOCK => DirentKind.Socket,
        ModeBits.S_IFCHR => DirentKind.CharacterDevice,
        ModeBits.S_IFBLK => DirentKind.BlockDevice,
        _ => null,
    };
}
