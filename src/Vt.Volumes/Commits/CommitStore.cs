using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Volumes.Commits;

/// <summary>The commits in a store. Safe from any thread.</summary>
/// <param name="store">The store; not disposed.</param>
public sealed class CommitStore(IBlockStore store)
{
    /// <summary>The algorithm that names commits.</summary>
    public HashAlgorithmId Algorithm => store.Hasher.Algorithm;

    /// <summary>Reads a commit.</summary>
    /// <exception cref="BlockMissingException">The store does not have it.</exception>
    /// <exception cref="FormatInvalidException">The block is no commit.</exception>
    public async ValueTask<Commit> ReadAsync(BlockHash id, CancellationToken cancellationToken = default) =>
        await TryReadAsync(id, cancellationToken) ?? throw new BlockMissingException(id, store.Description);

    /// <summary>Reads a commit.</summary>
    /// <returns>Null where the store does not have the block.</returns>
    /// <exception cref="FormatInvalidException">The block is no commit.</exception>
    public async ValueTask<Commit?> TryReadAsync(BlockHash id, CancellationToken cancellationToken = default)
    {
        using var block = await store.GetAsync(id, cancellationToken);
        if (!block.IsPresent)
            return null;
        try
        {
            return Commit.Decode(block.Span);
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In(id.ToString());
        }
    }

    /// <summary>Keeps a commit, durably, and all that was added to the store before.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="FormatInvalidException">It is too large.</exception>
    public async ValueTask<BlockHash> AddAsync(Commit commit, CancellationToken cancellationToken = default)
    {
        // The tree first: a commit that is there has its tree (a complete store).
        await store.FlushAsync(cancellationToken);
        var bytes = commit.Encode();
        var id = store.Hasher.Hash(bytes);
        await store.AddManyAsync(bytes, new[] { new BlockSlot(id, 0, bytes.Length, BlockContent.Tree) }, cancellationToken);
        await store.FlushAsync(cancellationToken);
        return id;
    }
}
