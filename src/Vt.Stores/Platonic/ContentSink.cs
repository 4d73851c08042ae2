using Vt.Blocks.Contracts;

namespace Vt.Stores.Platonic;

/// <summary>Takes what an import makes of files: indirect blocks go to the meta store, and blocks of data nowhere, since the files have them.</summary>
/// <param name="meta">The meta store; not disposed.</param>
sealed class ContentSink(IBlockStore meta) : DelegatingStore(meta)
{
    public override async ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        var counts = default(AddCounts);
        List<BlockSlot>? kept = null;
        foreach (ref readonly var slot in blocks.Span)
        {
            if (slot.Content == BlockContent.Data)
                counts += new AddCounts(1, slot.Length, 0, 0, 0);
            else
                (kept ??= []).Add(slot);
        }

        return kept is null ? counts : counts + await Inner.AddManyAsync(buffer, kept.ToArray(), cancellationToken);
    }
}
