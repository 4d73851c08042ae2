using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Index;

/// <summary>A run that was found damaged, and is used no more.</summary>
/// <param name="Pack">The pack whose own table of contents it is; null for a merged run, which costs nothing but a merge.</param>
/// <param name="Fault">What is wrong, and in which file.</param>
readonly record struct IndexDamage(PackId? Pack, FormatInvalidException Fault);
