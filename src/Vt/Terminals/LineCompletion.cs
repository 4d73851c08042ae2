namespace Vt.Terminals;

/// <summary>What a word that is being typed may become.</summary>
/// <param name="Start">Where the word begins in the line, in characters of the text before the cursor.</param>
/// <param name="Replacement">What comes in its place; null where nothing more is certain.</param>
/// <param name="Choices">What it may be, as it is shown; one or several.</param>
sealed record LineCompletion(int Start, string? Replacement, IReadOnlyList<string> Choices);
