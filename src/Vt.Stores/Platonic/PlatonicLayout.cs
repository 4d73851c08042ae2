namespace Vt.Stores.Platonic;

/// <summary>What lies where in the state folder of a platonic store.</summary>
/// <param name="Root">The folder.</param>
public sealed record PlatonicLayout(string Root)
{
    /// <summary>The index: derived from the newest tree, and deletable.</summary>
    public string Index => Path.Combine(Root, "index");

    /// <summary>Names the index files that count.</summary>
    public string Current => Path.Combine(Index, "current");

    /// <summary>Paths of files that are to be read again although they look unchanged.</summary>
    public string Suspects => Path.Combine(Root, "suspects");

    /// <summary>Whoever scans holds this file's lock.</summary>
    public string Scanning => Path.Combine(Root, "scanning");

    /// <summary>Whoever watches holds this file's lock; in it stands how it stands.</summary>
    public string Watching => Path.Combine(Root, "watching");

    /// <summary>What the last scan found.</summary>
    public string LastScan => Path.Combine(Root, "last-scan");

    /// <summary>Where the store of everything else lies unless the settings say where.</summary>
    public string Meta => Path.Combine(Root, "meta");
}
