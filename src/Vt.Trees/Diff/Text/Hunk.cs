namespace Vt.Trees.Diff.Text;

/// <summary>A stretch of lines of two texts that has changes, with equal lines around them.</summary>
/// <param name="BeforeStart">Its first line in the first text, from 0.</param>
/// <param name="BeforeEnd">The line behind it.</param>
/// <param name="AfterStart">Its first line in the second text.</param>
/// <param name="AfterEnd">The line behind it.</param>
public readonly record struct Hunk(int BeforeStart, int BeforeEnd, int AfterStart, int AfterEnd);
