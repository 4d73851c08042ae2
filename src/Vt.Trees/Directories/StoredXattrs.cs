using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Meta;

namespace Vt.Trees.Directories;

/// <summary>Sets of attributes that are too large for a directory node and lie in a block of their own.</summary>
public static class StoredXattrs
{
    /// <summary>
    /// Moves a set out if it takes more than <see cref="XattrSet.LargestInline"/> bytes, so that a dirent can be encoded. Writers
    /// call it for every set that they read from somewhere: equal sets then have equal forms.
    /// </summary>
    /// <param name="xattrs">The set, in memory or moved out already.</param>
    /// <param name="batch">Takes the block.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FormatInvalidException">The set is larger than <see cref="XattrSet.LargestStored"/>.</exception>
    public static async ValueTask<XattrSet> MoveOutAsync(XattrSet xattrs, TreeBatch batch, CancellationToken cancellationToken = default)
    {
        if (xattrs.IsStored || xattrs.EncodedLength <= XattrSet.LargestInline)
            return xattrs;
        if (xattrs.EncodedLength > XattrSet.LargestStored)
            throw new FormatInvalidException($"{xattrs.EncodedLength} bytes of attributes are over the limit of {XattrSet.LargestStored}");
        using var writer = new ByteWriter(xattrs.EncodedLength);
        xattrs.Encode(writer);
        return XattrSet.In(await batch.AddAsync(writer.WrittenMemory, cancellationToken));
    }

    /// <summary>Brings a set into memory, wherever it is.</summary>
    /// <exception cref="BlockMissingException">Its block is not in the store.</exception>
    /// <exception cref="FormatInvalidException">Its block holds something else.</exception>
    public static async ValueTask<XattrSet> LoadAsync(XattrSet xattrs, IBlockStore store, CancellationToken cancellationToken = default)
    {
        if (!xattrs.IsStored)
            return xattrs;
        var stored = xattrs.Stored;
        if (stored.Kind != BlockRefKind.Direct)
            throw new FormatInvalidException($"attributes are stored in a block, but this is {stored}");
        using var lease = await store.GetAsync(stored.Hash, cancellationToken);
        if (!lease.IsPresent)
            throw new BlockMissingException(stored.Hash, store.Description);
        try
        {
            return XattrSet.Decode(lease.Span);
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In($"attributes in block {stored.Hash}");
        }
    }
}
