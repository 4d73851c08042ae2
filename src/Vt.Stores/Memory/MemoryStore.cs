using System.Collections.Concurrent;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.References;

namespace Vt.Stores.Memory;

/// <summary>
/// A store that lives in this process's memory and ends with it: for trying things out, for serving what is made on the fly,
/// and in front of slower stores. A batch takes one allocation. Flushing does nothing, since nothing survives anyway.
/// </summary>
/// <remarks>
/// Thread-safe. Bytes are not hashed again on reading: nothing but this class can have changed them since they were added.
/// Leases stay valid for as long as somebody holds them.
/// </remarks>
public sealed class MemoryStore : IBlockStore, IBlockEnumeration, IRefStore, IStoreCapacity, IPartialStore
{
    readonly ConcurrentDictionary<BlockHash, ReadOnlyMemory<byte>> _blocks = new();
    readonly MemorySlabs _slabs = new();
    readonly TimeProvider _time;

    // Guards the dictionary and the lists in it.
    readonly Lock _refsGate = new();
    readonly SortedDictionary<string, List<RefMovement>> _refs = new(StringComparer.Ordinal);
    long _bytes;

    /// <summary>Makes an empty store.</summary>
    /// <param name="hasher">The hasher whose names it keeps; BLAKE3 when null.</param>
    /// <param name="chunking">How its writers cut; the default when null.</param>
    /// <param name="time">The clock of the movement logs; the system's when null.</param>
    /// <param name="isComplete">What <see cref="IsComplete"/> says.</param>
    public MemoryStore(BlockHasher? hasher = null, ChunkingParameters? chunking = null, TimeProvider? time = null, bool isComplete = true)
    {
        Hasher = hasher ?? HashAlgorithms.GetHasher(HashAlgorithms.Default);
        Chunking = chunking ?? ChunkingParameters.Default;
        _time = time ?? TimeProvider.System;
        IsComplete = isComplete;
    }

    /// <summary>How many bytes of blocks it takes before it is full.</summary>
    public long MostBytes { get; init; } = long.MaxValue;

    /// <inheritdoc/>
    public string Description => "memory";

    /// <inheritdoc/>
    public BlockHasher Hasher { get; }

    /// <inheritdoc/>
    public ChunkingParameters Chunking { get; }

    /// <inheritdoc/>
    public bool IsComplete { get; private set; }

    /// <inheritdoc/>
    public ValueTask ContainsManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<bool> present, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < hashes.Length; i++)
            present.Span[i] = _blocks.ContainsKey(hashes.Span[i]);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<BlockLease> GetAsync(BlockHash hash, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<BlockLease>(Get(hash));
    }

    /// <inheritdoc/>
    public ValueTask GetManyAsync(ReadOnlyMemory<BlockHash> hashes, Memory<BlockLease> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < hashes.Length; i++)
            blocks.Span[i] = Get(hashes.Span[i]);
        return default;
    }

    /// <inheritdoc/>
    /// <exception cref="StoreFullException">More than <see cref="MostBytes"/> would be kept; nothing of the batch is.</exception>
    /// <exception cref="ArgumentException">A name is of another algorithm, or a block is longer than any may be or outside the buffer.</exception>
    public ValueTask<AddCounts> AddManyAsync(
        ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BlockBatch.Check(buffer.Length, blocks.Span, Hasher.Algorithm);
        long room = 0;
        foreach (ref readonly var slot in blocks.Span)
            room += _blocks.ContainsKey(slot.Hash) ? 0 : slot.Length;
        if (room > MostBytes - Interlocked.Read(ref _bytes))
            throw new StoreFullException(Description, $"{room} bytes more would be over its limit of {MostBytes}");
        var slab = _slabs.Take(checked((int)room));
        var used = 0;
        var counts = default(AddCounts);
        foreach (ref readonly var slot in blocks.Span)
        {
            if (slot.Length > slab.Length - used || !TryAdd(slot, buffer.Span, slab.Slice(used, slot.Length)))
            {
                counts += new AddCounts(0, 0, 0, 1, slot.Length);
                continue;
            }

            used += slot.Length;
            counts += new AddCounts(1, slot.Length, slot.Length, 0, 0);
        }

        Interlocked.Add(ref _bytes, counts.NewBytes);
        return new ValueTask<AddCounts>(counts);
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return default;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var hashes = _blocks.Keys.Where(hash => after is not { } first || hash > first).ToArray();
        Array.Sort(hashes);
        return Cancellable(hashes, cancellationToken).ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    public ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_refsGate)
            return new ValueTask<string?>(ValueOf(name));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_refsGate)
        {
            var names = _refs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && ValueOf(name) is not null).ToArray();
            return Cancellable(names, cancellationToken).ToAsyncEnumerable();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The name is not valid, or the value or the note is not one line.</exception>
    public ValueTask<bool> TryMoveAsync(
        string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
    {
        RefName.Check(name, value, note);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_refsGate)
        {
            if (ValueOf(name) != expected)
                return new ValueTask<bool>(false);
            if (!_refs.TryGetValue(name, out var log))
                _refs.Add(name, log = []);
            log.Add(new RefMovement(_time.GetUtcNow(), value, note));
            return new ValueTask<bool>(true);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RefMovement> ReadLogAsync(string name, CancellationToken cancellationToken = default)
    {
        RefName.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_refsGate)
        {
            var movements = _refs.TryGetValue(name, out var log) ? log.ToArray() : [];
            return Cancellable(movements, cancellationToken).ToAsyncEnumerable();
        }
    }

    /// <summary>What the blocks take here, within what the runtime says that this process may use.</summary>
    public StoreCapacity GetCapacity()
    {
        var total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var stored = Interlocked.Read(ref _bytes);
        var free = Math.Max(0, total - GC.GetTotalMemory(forceFullCollection: false));
        return new StoreCapacity(total, free, free, stored, _blocks.Count);
    }

    StoreCapacity? IStoreCapacity.GetCapacity() => GetCapacity();

    /// <inheritdoc/>
    public ValueTask MarkPartialAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        IsComplete = false;
        return default;
    }

    /// <summary>Does nothing: leases may still be out, and the collector frees the rest.</summary>
    public ValueTask DisposeAsync() => default;

    BlockLease Get(in BlockHash hash) => _blocks.TryGetValue(hash, out var bytes) ? new BlockLease(bytes, null) : default;

    bool TryAdd(in BlockSlot slot, ReadOnlySpan<byte> buffer, Memory<byte> place)
    {
        if (_blocks.ContainsKey(slot.Hash))
            return false;
        buffer.Slice(slot.Offset, slot.Length).CopyTo(place.Span);
        return _blocks.TryAdd(slot.Hash, place);
    }

    string? ValueOf(string name) => _refs.TryGetValue(name, out var log) ? log[^1].Value : null;

    static IEnumerable<T> Cancellable<T>(T[] items, CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }
}
