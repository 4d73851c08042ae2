namespace Vt.Files;

/// <summary>What a step through a directory came to.</summary>
public enum ListingStep
{
    /// <summary>There is an entry.</summary>
    Entry,

    /// <summary>More has to be prepared from the position on.</summary>
    Unprepared,

    /// <summary>That was all.</summary>
    End,
}
