namespace Vt.Stores.DataDir.Index;

/// <summary>What asking <see cref="MemoryTable"/> for a block gives.</summary>
enum ClaimOutcome
{
    /// <summary>Nobody had it: the caller stores the block now and then locates it or gives it up.</summary>
    Claimed,

    /// <summary>Somebody is storing it: it will be located or given up.</summary>
    Pending,

    /// <summary>It lies at the place given.</summary>
    Located,
}
