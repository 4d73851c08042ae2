namespace Vt.Files.Journal;

/// <summary>What a live state says of local names.</summary>
/// <param name="Rules">Which names are local.</param>
/// <param name="List">The list of those that there are; null where there are none.</param>
sealed record LocalState(LocalRules Rules, LocalList? List)
{
    /// <summary>No rules, and nothing is local.</summary>
    public static LocalState None { get; } = new(LocalRules.None, null);
}
