using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Platonic;

/// <summary>
/// A platonic store as a scan sees it: what the index has is there, whatever files look like now, since the scan is about to look at them; and nothing is kept
/// because somebody asked for it.
/// </summary>
/// <param name="store">The store; not disposed.</param>
sealed class TreeStore(PlatonicStore store) : DelegatingStore(store.Meta), IDamageNotes
{
    public override bool IsComplete => false;

    public bool HasDamage => Inner is IDamageNotes { HasDamage: true };

    public ValueTask<bool> NoteDamageAsync(BlockHash hash, CancellationToken cancellationToken = default) =>
        Inner is IDamageNotes notes ? notes.NoteDamageAsync(hash, cancellationToken) : new(false);

    // Checked: the meta store may be a careless one.
    public override ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default) => store.GetAsync(hash, cancellationToken);

    public override ValueTask GetManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default) =>
        store.GetManyAsync(hashes, blocks, cancellationToken);

    public override async ValueTask ContainsManyAsync(
        ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        await Inner.ContainsManyAsync(hashes, present, cancellationToken);
        for (var i = 0; i < hashes.Length; i++)
            present.Span[i] = present.Span[i] || store.Index.Set.Find(hashes.Span[i]) is not null;
    }
}
