using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Sync;

/// <summary>A block with others below it that the target has not got, or can't be trusted to have with all that is below it.</summary>
/// <param name="hash">The block.</param>
/// <param name="isWanted">Whether the target has not got it.</param>
sealed class TransferNode(BlockHash hash, bool isWanted)
{
    readonly List<TransferNode> _parents = [];

    /// <summary>The block.</summary>
    public BlockHash Hash => hash;

    /// <summary>Whether it has to be sent.</summary>
    public bool IsWanted => isWanted;

    /// <summary>What it is for; known once it was looked into.</summary>
    public BlockContent Content { get; set; } = BlockContent.Tree;

    /// <summary>How many of the blocks below it are not settled: neither there nor about to be sent before it. One more until all of them are known.</summary>
    public int Unsettled { get; set; } = 1;

    /// <summary>Whether it is settled itself.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Notes who waits for it.</summary>
    public void AddParent(TransferNode parent) => _parents.Add(parent);

    /// <summary>Settles it.</summary>
    /// <returns>Who waited for it.</returns>
    public IReadOnlyList<TransferNode> Settle()
    {
        IsSettled = true;
        return _parents;
    }
}
