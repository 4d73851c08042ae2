namespace Vt.Fuse.Protocol;

/// <summary>What a notification says (enum fuse_notify_code).</summary>
enum NotifyCode : int
{
    /// <summary>A polled file is ready.</summary>
    Poll = 1,

    /// <summary>Cached attributes and data are stale.</summary>
    InvalidateInode = 2,

    /// <summary>A cached name is stale.</summary>
    InvalidateEntry = 3,

    /// <summary>Data for the page cache.</summary>
    Store = 4,

    /// <summary>Asks for data of the page cache.</summary>
    Retrieve = 5,

    /// <summary>A name was removed.</summary>
    Delete = 6,

    /// <summary>Asks for unanswered requests again.</summary>
    Resend = 7,

    /// <summary>All cached names are stale.</summary>
    IncrementEpoch = 8,

    /// <summary>Asks to forget nodes.</summary>
    Prune = 9,
}
