using System.Collections.Concurrent;
using System.Security.Cryptography;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Tests.Trees;

/// <summary>Keeps blocks in memory and counts how many are asked for.</summary>
sealed class CountingStore : IBlockStore
{
    readonly ConcurrentDictionary<BlockHash, byte[]> _blocks = new();
    long _gets;
    long _requests;

    public long Gets => Interlocked.Read(ref _gets);

    public long Requests => Interlocked.Read(ref _requests);

    public int AddCalls { get; private set; }

    public IReadOnlyDictionary<BlockHash, byte[]> Blocks => _blocks;

    public string Description => "memory";

    public BlockHasher Hasher { get; } = new ShaHasher();

    public ChunkingParameters Chunking => ChunkingParameters.Default;

    public bool IsComplete => true;

    /// <summary>What each block must refer to only blocks that are here already: called with each added block.</summary>
    public Action<byte[]>? OnAdd { get; set; }

    public void ResetCounts()
    {
        _gets = 0;
        _requests = 0;
    }

    public bool Remove(BlockHash hash) => _blocks.TryRemove(hash, out _);

    public bool Contains(BlockHash hash) => _blocks.ContainsKey(hash);

    public ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < hashes.Length; i++)
            present.Span[i] = Contains(hashes.Span[i]);
        return ValueTask.CompletedTask;
    }

    public ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _requests);
        return ValueTask.FromResult(Get(hash));
    }

    public ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _requests);
        for (var i = 0; i < hashes.Length; i++)
            blocks.Span[i] = Get(hashes.Span[i]);
        return ValueTask.CompletedTask;
    }

    public ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        AddCalls++;
        foreach (var slot in blocks.Span)
        {
            var bytes = buffer.Slice(slot.Offset, slot.Length).ToArray();
            Assert.Equal(Hasher.Hash(bytes), slot.Hash);
            OnAdd?.Invoke(bytes);
            _blocks[slot.Hash] = bytes;
        }

        return ValueTask.FromResult(new AddCounts(blocks.Length, buffer.Length, buffer.Length, 0, 0));
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    BlockLease Get(in BlockHash hash)
    {
        Interlocked.Increment(ref _gets);
        return _blocks.TryGetValue(hash, out var bytes) ? new BlockLease(bytes, null) : default;
    }

    sealed class ShaHasher : BlockHasher
    {
        public override HashAlgorithmId Algorithm => HashAlgorithmId.Sha256;

        public override BlockHash Hash(ReadOnlySpan<byte> data) => new(HashAlgorithmId.Sha256, SHA256.HashData(data));

        public override StreamingHash StartStreaming() => throw new NotSupportedException();
    }
}
