namespace Vt.Stores.Config;

/// <summary>One type of store, as clauses and specs name it.</summary>
/// <param name="Name">The word for it.</param>
/// <param name="Read">Reads a clause's settings.</param>
public sealed record StoreType(string Name, Func<ClauseReader, StoreSettings> Read)
{
    /// <summary>The words before a colon by which a spec names this type, as <c>tcp</c> in <c>tcp:host:1234</c>.</summary>
    public IReadOnlyList<string> Schemes { get; init; } = [];

    /// <summary>The key of the setting that a spec with a scheme sets: it gets the whole text, scheme included.</summary>
    public string AddressKey { get; init; } = "url";

    /// <summary>The settings that a spec of this type can't be without.</summary>
    public IReadOnlyList<string> Needed { get; init; } = [];
}
