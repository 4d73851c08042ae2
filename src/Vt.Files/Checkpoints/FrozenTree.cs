using Vt.Blocks.BlockTree;

namespace Vt.Files.Checkpoints;

/// <summary>Everything that had changed at a checkpoint's instant.</summary>
/// <param name="Epoch">The last epoch whose changes are in it.</param>
/// <param name="NextEpoch">The first epoch whose changes are not in it.</param>
/// <param name="InodeTable">The stored inode table then.</param>
/// <param name="Inodes">What had changed, and the directories above, in any order.</param>
/// <param name="DroppedInodes">What left the inode table.</param>
sealed record FrozenTree(uint Epoch, uint NextEpoch, BlockRef InodeTable, IReadOnlyCollection<FrozenInode> Inodes, List<Guid> DroppedInodes) : IDisposable
{
    /// <summary>The root.</summary>
    public required FrozenInode Root { get; init; }

    /// <summary>Whether nothing has changed that belongs into a state.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>How much content came with stored entries that directories were given, outside of holes.</summary>
    public long AdoptedBytes { get; init; }

    /// <summary>What was local then; null where nothing of it has changed.</summary>
    public FrozenLocals? Locals { get; set; }

    /// <summary>Lets go of the contents.</summary>
    public void Dispose()
    {
        foreach (var inode in Inodes)
            inode.Content?.Dispose();
        Locals?.Dispose();
    }
}
