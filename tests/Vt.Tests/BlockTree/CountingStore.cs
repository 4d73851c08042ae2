using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Tests.BlockTree;

/// <summary>
/// Blocks in memory, behind a store that counts what is asked of it, checks that what it is given is named rightly and comes after its children, and can
/// lose and change blocks.
/// </summary>
sealed class CountingStore : IBlockStore
{
    // Guards the fields below.
    readonly Lock _gate = new();
    readonly Dictionary<BlockHash, byte[]> _blocks = [];

    public bool FailAdds { get; set; }

    public long Gets { get; private set; }

    public long Adds { get; private set; }

    public IReadOnlyCollection<BlockHash> Hashes => _blocks.Keys;

    public string Description => "memory";

    public BlockHasher Hasher { get; } = HashAlgorithms.GetHasher(HashAlgorithms.Default);

    public ChunkingParameters Chunking => ChunkingParameters.Default;

    public bool IsComplete => true;

    /// <summary>Loses a block, or has other bytes under its name.</summary>
    public void Damage(BlockHash hash, byte[]? bytes)
    {
        if (bytes is null)
            _blocks.Remove(hash);
        else
            _blocks[hash] = bytes;
    }

    public void ResetCounts() => Gets = Adds = 0;

    public ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < hashes.Length; i++)
            present.Span[i] = _blocks.ContainsKey(hashes.Span[i]);
        return default;
    }

    public ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            Gets++;
            return new(_blocks.TryGetValue(hash, out var bytes) ? new BlockLease(bytes, null) : new BlockLease(default, null, IsPresent: false));
        }
    }

    public async ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < hashes.Length; i++)
        {
            var block = await GetAsync(hashes.Span[i], cancellationToken);
            blocks.Span[i] = block;
        }
    }

    public ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        if (FailAdds)
            throw new StoreFullException(Description, "no room");
        lock (_gate)
        {
            var counts = default(AddCounts);
            Adds += blocks.Length;
            foreach (var slot in blocks.Span)
            {
                var bytes = buffer.Span.Slice(slot.Offset, slot.Length);
                Assert.Equal(Hasher.Hash(bytes), slot.Hash);
                if (slot.Content == BlockContent.Tree)
                    CheckChildren(bytes);
                counts += _blocks.TryAdd(slot.Hash, bytes.ToArray())
                    ? new AddCounts(1, slot.Length, slot.Length, 0, 0)
                    : new AddCounts(0, 0, 0, 1, slot.Length);
            }

            return new(counts);
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => default;

    public ValueTask DisposeAsync() => default;

    void CheckChildren(ReadOnlySpan<byte> node)
    {
        foreach (var child in IndirectNode.Read(node).Children)
            Assert.True(!child.HasHash || _blocks.ContainsKey(child.Hash), "a parent is stored before its child");
    }
}
