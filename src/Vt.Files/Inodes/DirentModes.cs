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
}
