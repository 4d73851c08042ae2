namespace Vt.Remotes;

/// <summary>What became of a branch, a tag or an archive.</summary>
enum SyncOutcome
{
    /// <summary>Both sides have the same.</summary>
    UpToDate,

    /// <summary>It was made at the side that lacked it.</summary>
    Made,

    /// <summary>It was moved on to what comes from what was there.</summary>
    Forwarded,

    /// <summary>It was moved though something else was there.</summary>
    Forced,

    /// <summary>The other side has more; there was nothing to bring.</summary>
    Behind,

    /// <summary>Blocks were brought; nothing was to be moved.</summary>
    Brought,

    /// <summary>Nothing was moved, since that would have lost something.</summary>
    Refused,
}
