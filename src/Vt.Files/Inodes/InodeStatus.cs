using Vt.Trees.Meta;

namespace Vt.Files.Inodes;

/// <summary>What changes of an inode without its content or names changing. Guarded by the inode's gate.</summary>
struct InodeStatus
{
    /// <summary>Permission bits with setuid, setgid and sticky.</summary>
    public uint Mode;

    /// <summary>The owner.</summary>
    public uint Uid;

    /// <summary>The group.</summary>
    public uint Gid;

    /// <summary>When it was last read, where that is known or somebody set it; see <see cref="LastAccess"/>.</summary>
    public Timestamp? Accessed;

    /// <summary>When the content last changed.</summary>
    public Timestamp Modified;

    /// <summary>When anything of it last changed.</summary>
    public Timestamp Changed;

    /// <summary>When it was made, where that is known.</summary>
    public Timestamp? Born;

    /// <summary>The extended attributes; a large set that nobody has asked for yet lies in the store.</summary>
    public XattrSet Xattrs;

    /// <summary>When it was last read, as it is shown: nobody who reads or sets it being known, when it was made, as with any new file.</summary>
    public readonly Timestamp LastAccess => Accessed ?? Born ?? Modified;

    /// <summary>What a stored entry says.</summary>
    public static InodeStatus Of(Metadata metadata)
    {
        var modified = metadata.ModificationTime ?? default;
        return new InodeStatus
        {
            Mode = metadata.Mode,
            Uid = metadata.Uid,
            Gid = metadata.Gid,
            Accessed = metadata.AccessTime,
            Modified = modified,
            Changed = metadata.ChangeTime ?? modified,
            Born = metadata.BirthTime,
            Xattrs = metadata.Xattrs,
        };
    }
}
