using Vt.Blocks.Contracts;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>What an import made.</summary>
/// <param name="Root">The tree's root with its inode table; all that it refers to is flushed to the store.</param>
/// <param name="IsPartial">Whether something could not be taken as it is.</param>
/// <param name="Blocks">What became of all blocks, directories included.</param>
public sealed record ImportResult(Dirent Root, bool IsPartial, AddCounts Blocks)
{
    /// <summary>Whether the root is not to be used, since <see cref="ImportOptions.Scope"/> left out what had to be looked at.</summary>
    public bool NeedsAll { get; init; }
}
