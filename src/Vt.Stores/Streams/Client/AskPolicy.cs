namespace Vt.Stores.Streams.Client;

/// <summary>Whether blocks are offered by name before their bytes are sent.</summary>
public enum AskPolicy
{
    /// <summary>They are sent at once: where sending costs less than asking.</summary>
    Never,

    /// <summary>They are offered, but while everything is new to the server.</summary>
    WhereKnown,

    /// <summary>They are offered always: where every byte on the way is dear.</summary>
    Always,
}
