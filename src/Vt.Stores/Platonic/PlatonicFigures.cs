namespace Vt.Stores.Platonic;

/// <summary>How much a platonic store has indexed. What was indexed anew and not merged yet counts twice.</summary>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">Their sizes together.</param>
/// <param name="Blocks">How many places of blocks.</param>
/// <param name="Suspects">How many files are to be read again because a block of theirs was not what the index says.</param>
/// <param name="IsWhole">Whether the index has all files of the newest tree.</param>
public readonly record struct PlatonicFigures(long Files, long Bytes, long Blocks, int Suspects, bool IsWhole);
