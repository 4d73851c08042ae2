using System.Security.Cryptography;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Tests.BlockTree;

/// <summary>A store that counts, and the usual ways to put content into it and to get it back.</summary>
sealed class TreeFixture
{
    public TreeFixture(int average = 1024)
    {
        Store = new CountingStore();
        Rule = new TestCutter(ChunkingParameters.ForAverage(average));
    }

    public CountingStore Store { get; }

    public IChunkCutter Rule { get; }

    public async Task<BlockRef> WriteAsync(byte[] content, BlockTreeWriterOptions? options = null)
    {
        await using var writer = new BlockTreeWriter(Store, Rule, options);
        await writer.WriteAsync(content);
        return await writer.CompleteAsync();
    }

    public async Task<byte[]> ReadAsync(BlockRef root)
    {
        var content = new byte[root.Span];
        var reader = new BlockTreeReader(Store, root);
        Assert.Equal(content.Length, await reader.ReadAsync(0, content));
        return content;
    }

    public sealed class CountingStore : IBlockStore
    {
        readonly Lock _gate = new();
        readonly Dictionary<BlockHash, byte[]> _blocks = [];

        public bool FailAdds { get; set; }

        public long Gets { get; private set; }

        public long Adds { get; private set; }

        public string Description => "counting";

        public BlockHasher Hasher { get; } = new ShaHasher();

        public ChunkingParameters Chunking => ChunkingParameters.Default;

        public bool IsComplete => true;

        public void Remove(BlockHash hash) => _blocks.Remove(hash);

        public void Put(BlockHash hash, byte[] bytes) => _blocks[hash] = bytes;

        public void ResetCounts() => Gets = Adds = 0;

        public int Count => _blocks.Count;

        public IEnumerable<BlockHash> Hashes => _blocks.Keys;

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
                return new(_blocks.TryGetValue(hash, out var bytes) ? new BlockLease(bytes, null) : default);
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
            lock (_gate)
            {
                if (FailAdds)
                    throw new StoreFullException(Description, "no room");
                var counts = default(AddCounts);
                foreach (var slot in blocks.Span)
                {
                    Adds++;
                    var bytes = buffer.Slice(slot.Offset, slot.Length).ToArray();
                    Assert.Equal(Hasher.Hash(bytes), slot.Hash);
                    if (slot.Content == BlockContent.Tree)
                    {
                        foreach (var child in IndirectNode.Read(bytes).Children)
                            Assert.True(!child.HasHash || _blocks.ContainsKey(child.Hash), "a parent is stored before its child");
                    }

                    counts += _blocks.TryAdd(slot.Hash, bytes) ? new AddCounts(1, slot.Length, slot.Length, 0, 0) : new AddCounts(0, 0, 0, 1, slot.Length);
                }

                return new(counts);
            }
        }

        public ValueTask FlushAsync(CancellationToken cancellationToken = default) => default;

        public ValueTask DisposeAsync() => default;
    }

    sealed class ShaHasher : BlockHasher
    {
        public override HashAlgorithmId Algorithm => HashAlgorithmId.Sha256;

        public override BlockHash Hash(ReadOnlySpan<byte> data) => new(Algorithm, SHA256.HashData(data));

        public override StreamingHash StartStreaming() => throw new NotSupportedException();
    }
}
