using Vt.Trees.Diff.Text;

namespace Vt.Trees.Diff;

/// <summary>How the content of a path differs between two trees.</summary>
/// <param name="Change">The path, and its entries in both.</param>
/// <param name="Text">How it differs by lines; null of what is no text, or too large for it.</param>
/// <param name="BytesRemoved">How many bytes only the first tree has.</param>
/// <param name="BytesAdded">How many bytes only the second tree has.</param>
public sealed record ContentChange(TreeChange Change, TextDiff? Text, long BytesRemoved, long BytesAdded);
