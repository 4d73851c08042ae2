namespace Vt.Stores.Http;

/// <summary>How it stands with a block that was asked for. Numbers are part of the protocol.</summary>
public enum BlockAnswer : byte
{
    /// <summary>The store hasn't got it; no bytes follow.</summary>
    Absent = 0,

    /// <summary>Its bytes follow.</summary>
    Present = 1,

    /// <summary>The store could not give it; what follows is the failure, as in a body of its own.</summary>
    Failed = 2,
}
