using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Sync;
using Vt.Volumes.Commits;

namespace Vt.Volumes.Sync;

/// <summary>What commits are made of, as items of a transfer.</summary>
/// <param name="store">Where blocks are read that are looked into: the transfer's <see cref="TreeTransfer.Reader"/>.</param>
public sealed class CommitItems(IBlockStore store)
{
    readonly CommitStore _commits = new(store);
    readonly TreeItems _trees = new(store);

    /// <summary>A commit with its tree and all that it comes from.</summary>
    public TransferItem Of(BlockHash commit) => new(commit, async (below, cancellationToken) =>
    {
        AddCommit(await _commits.ReadAsync(commit, cancellationToken), below);
    });

    /// <summary>A block of which only the name is known, with what it turns out to lead to.</summary>
    public TransferItem OfUnknown(BlockHash block) => new(block, async (below, cancellationToken) =>
    {
        byte[] bytes;
        using (var lease = await store.GetAsync(block, cancellationToken))
            bytes = lease.IsPresent ? lease.Memory.ToArray() : throw new BlockMissingException(block, store.Description);
        if (TryDecode(bytes) is { } commit)
            AddCommit(commit, below);
        else
            await _trees.AddUnknownAsync(bytes, below, cancellationToken);
    })
    {
        LeafContent = BlockContent.Data,
    };

    void AddCommit(Commit commit, ICollection<TransferItem> below)
    {
        _trees.AddTree(commit.Root, below);
        foreach (var parent in commit.Parents)
            below.Add(Of(parent));
    }

    static Commit? TryDecode(byte[] bytes)
    {
        try
        {
            return Commit.Decode(bytes);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }
}
