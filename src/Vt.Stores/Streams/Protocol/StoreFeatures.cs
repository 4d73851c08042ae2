namespace Vt.Stores.Streams.Protocol;

/// <summary>What a store behind a server can do besides keeping blocks. The numbers are the wire's; unknown ones are passed over.</summary>
[Flags]
public enum StoreFeatures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A present tree block means that all below it is present.</summary>
    Complete = 1,

    /// <summary>It lists its blocks.</summary>
    Enumeration = 2,

    /// <summary>It keeps references.</summary>
    References = 4,

    /// <summary>It notes damaged blocks.</summary>
    DamageNotes = 16,

    /// <summary>Some of its blocks are noted as damaged.</summary>
    HasDamage = 32,

    /// <summary>The server makes sketches of the blocks' names.</summary>
    Sketches = 64,
}
