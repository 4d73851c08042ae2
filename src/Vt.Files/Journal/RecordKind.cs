namespace Vt.Files.Journal;

/// <summary>What a part of a log record says; man/vt-live.5 has the bytes. Numbers are never used again.</summary>
enum RecordKind : byte
{
    /// <summary>Never written.</summary>
    None = 0,

    /// <summary>The moment of what follows.</summary>
    Time = 1,

    /// <summary>An inode of the tree as it is then gets a number: by the directory and the name where it stands.</summary>
    Bind = 2,

    /// <summary>A new inode, without a name yet.</summary>
    Make = 3,

    /// <summary>A name leads to an inode.</summary>
    Enter = 4,

    /// <summary>A name is gone.</summary>
    Remove = 5,

    /// <summary>Mode, owner and times of an inode.</summary>
    Status = 6,

    /// <summary>An extended attribute has a value.</summary>
    SetXattr = 7,

    /// <summary>An extended attribute is gone.</summary>
    RemoveXattr = 8,

    /// <summary>A file has bytes, which are the record's data.</summary>
    Write = 9,

    /// <summary>A file has bytes that lie elsewhere in the log.</summary>
    Extent = 10,

    /// <summary>A range of a file is zero.</summary>
    Zero = 11,

    /// <summary>A range of a file is a range of stored content.</summary>
    Stored = 12,

    /// <summary>A file has a length.</summary>
    Resize = 13,

    /// <summary>A file's whole content is a stored one.</summary>
    Replace = 14,

    /// <summary>Bytes of a file without a name, which a crash forgets.</summary>
    Scratch = 15,

    /// <summary>An inode gets a UUID, since it leaves the path that identified it.</summary>
    Identify = 16,

    /// <summary>An inode of the inode table gets a number: by its UUID, since no name of it is known.</summary>
    BindIndirect = 17,

    /// <summary>Other rules of what is local hold from here on.</summary>
    Rules = 18,

    /// <summary>A directory without entries has those of a stored one.</summary>
    Adopt = 19,
}
