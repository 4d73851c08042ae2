using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Dirents;

namespace Vt.Trees.Directories;

/// <summary>Dirents that lie in blocks of their own: earlier versions, to be had through <see cref="Dirent.Previous"/>.</summary>
public static class StoredDirents
{
    /// <summary>Stores a dirent.</summary>
    /// <param name="dirent">The dirent; all that it refers to must be in the store or the batch already.</param>
    /// <param name="batch">Takes the block.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The content that is its binary form.</returns>
    public static async ValueTask<BlockRef> StoreAsync(Dirent dirent, TreeBatch batch, CancellationToken cancellationToken = default)
    {
        using var writer = new ByteWriter();
        dirent.Encode(writer);
        return await batch.AddAsync(writer.WrittenMemory, cancellationToken);
    }

    /// <summary>Loads a dirent that was stored.</summary>
    /// <param name="content">What <see cref="StoreAsync"/> gave.</param>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="BlockMissingException">Its block is not in the store.</exception>
    /// <exception cref="FormatInvalidException">Its block holds something else.</exception>
    public static async ValueTask<Dirent> LoadAsync(BlockRef content, IBlockStore store, CancellationToken cancellationToken = default)
    {
        if (content.Kind != BlockRefKind.Direct)
            throw new FormatInvalidException($"a dirent is stored in a block, but this is {content}");
        using var lease = await store.GetAsync(content.Hash, cancellationToken);
        if (!lease.IsPresent)
            throw new BlockMissingException(content.Hash, store.Description);
        try
        {
            return Dirent.Decode(lease.Span);
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In($"dirent in block {content.Hash}");
        }
    }
}
