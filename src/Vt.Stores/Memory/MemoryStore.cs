using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Memory;

/// <summary>
/// A store that keeps everything in memory and nothing beyond the process: for scratch work, and for whatever needs a store
/// that is fast, complete and without a place. Flushing does nothing, since nothing here is ever durable.
/// </summary>
public sealed class MemoryStore : IBlockStore, IBlockEnumeration, IRefStore, IStoreCapacity
{
    readonly ConcurrentDictionary<BlockHash, byte[]> _blocks = new();
    readonly Lock _refsGate = new();
    readonly SortedDictionary<string, List<RefMovement>> _refs = new(StringComparer.Ordinal);
    readonly TimeProvider _clock;
    long _bytes;

    /// <summary>Makes an empty store.</summary>
    /// <param name="hasher">Names its blocks; BLAKE3 unless given.</param>
    /// <param name="chunking">How its writers cut; the default parameters unless given.</param>
    /// <param name="clock">Dates the movements of references; the system's unless given.</param>
    public MemoryStore(BlockHasher? hasher = null, ChunkingParameters? chunking = null, TimeProvider? clock = null)
    {
        Hasher = hasher ?? HashAlgorithms.GetHasher(HashAlgorithms.Default);
        Chunking = chunking ?? ChunkingParameters.Default;
        _clock = clock ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public string Description => "memory";

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking { get; }

    /// <inheritdoc/>
    public bool IsComplete => true;

    /// <inheritdoc/>
    public ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < hashes.Length; i++)
            present.Span[i] = _blocks.ContainsKey(hashes.Span[i]);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Get(hash));
    }

    /// <inheritdoc/>
    public ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < hashes.Length; i++)
            blocks.Span[i] = Get(hashes.Span[i]);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<AddCounts> AddManyAsync(ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        var counts = default(AddCounts);
        foreach (ref readonly var block in blocks.Span)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (block.Hash.Algorithm != Hasher.Algorithm)
                throw new ArgumentException($"{block.Hash} is not a name that {Hasher.Algorithm} makes", nameof(blocks));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Length, ChunkingParameters.LargestBlock);
            if (!_blocks.ContainsKey(block.Hash) && _blocks.TryAdd(block.Hash, buffer.Slice(block.Offset, block.Length).ToArray()))
            {
                counts += new AddCounts(1, block.Length, block.Length, 0, 0);
                Interlocked.Add(ref _bytes, block.Length);
            }
            else
            {
                counts += new AddCounts(0, 0, 0, 1, block.Length);
            }
        }

        return ValueTask.FromResult(counts);
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockHash> EnumerateAsync(
        BlockHash? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var hashes = _blocks.Keys.Where(hash => after is not { } start || hash > start).ToArray();
        Array.Sort(hashes);
        foreach (var hash in hashes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return hash;
        }

        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public StoreCapacity GetCapacity()
    {
        var memory = GC.GetGCMemoryInfo();
        var used = Interlocked.Read(ref _bytes);
        var free = Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
        return new StoreCapacity(used + free, free, free, used, _blocks.Count);
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefNames.Check(name);
        lock (_refsGate)
            return ValueTask.FromResult(Current(name));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string[] names;
        lock (_refsGate)
            names = [.. _refs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && Current(name) is not null)];
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return name;
        }

        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefNames.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_refsGate)
        {
            if (Current(name) != expected)
                return ValueTask.FromResult(false);
            if (!_refs.TryGetValue(name, out var log))
                _refs.Add(name, log = []);
            log.Add(new RefMovement(_clock.GetUtcNow(), value, note));
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RefMovement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RefNames.Check(name);
        RefMovement[] log;
        lock (_refsGate)
            log = _refs.TryGetValue(name, out var movements) ? [.. movements] : [];
        foreach (var movement in log)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return movement;
        }

        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _blocks.Clear();
        return ValueTask.CompletedTask;
    }

    BlockLease Get(BlockHash hash) => _blocks.TryGetValue(hash, out var block) ? new BlockLease(block, null) : default;

    string? Current(string name) => _refs.TryGetValue(name, out var log) ? log[^1].Value : null;
}
