using System.Buffers;
using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;
using Vt.Stores.DataDir.Reading;
using Vt.Stores.S3.Index;
using Vt.Stores.S3.Writing;

namespace Vt.Stores.S3.Reading;

/// <summary>
/// Frames, decoded: from packs in memory, from parts that are cached, from the server. Those used lately are kept. Of many readers of a frame one decodes it and
/// the others wait for it. Thread-safe.
/// </summary>
/// <param name="index">Names the packs.</param>
/// <param name="uploads">The packs in memory.</param>
/// <param name="ranges">Parts of the others.</param>
/// <param name="budget">How many bytes of frames are kept; those that are lent are kept beyond it by their leases.</param>
sealed class FrameStore(S3Index index, PackUploads? uploads, RangeCache ranges, long budget) : IDisposable
{
    readonly FrameDecoder _decoder = new();

    // Guards all fields below and the entries' links.
    readonly Lock _entriesGate = new();
    readonly Dictionary<ulong, Entry> _entries = [];
    readonly LinkedList<Entry> _byUse = [];
    long _cost;
    long _hits;
    long _misses;

    /// <summary>What it has been good for.</summary>
    public CacheFigures Figures
    {
        get
        {
            lock (_entriesGate)
                return new CacheFigures("decompressed blocks", _hits, _misses, _cost);
        }
    }

    /// <summary>Whether a frame is at hand, or is being read.</summary>
    public bool Has(in BlockLocation location)
    {
        lock (_entriesGate)
            return _entries.ContainsKey(KeyOf(location));
    }

    /// <summary>Whether a frame lies in a pack that is not uploaded.</summary>
    public bool IsInMemory(in BlockLocation location) => uploads is not null && uploads.Has(location.Pack);

    /// <summary>A frame.</summary>
    /// <param name="location">Where it lies.</param>
    /// <param name="cancellationToken">Gives up waiting; the frame is read all the same.</param>
    /// <returns>The frame, acquired for the caller; null where there is no such pack, here or at the server.</returns>
    /// <exception cref="FormatInvalidException">There is no sound frame; the message names the pack.</exception>
    /// <exception cref="StoreUnavailableException">The server can't be reached.</exception>
    public async ValueTask<CachedFrame?> GetAsync(BlockLocation location, CancellationToken cancellationToken)
    {
        var key = KeyOf(location);
        while (true)
        {
            Entry entry;
            var isMine = false;
            lock (_entriesGate)
            {
                if (_entries.TryGetValue(key, out var known))
                {
                    entry = known;
                    if (entry.Frame is { } frame)
                    {
                        _hits++;
                        _byUse.Remove(entry.Use);
                        _byUse.AddLast(entry.Use);
                        frame.Acquire();
                        return frame;
                    }
                }
                else
                {
                    _misses++;
                    entry = new Entry(key);
                    _entries.Add(key, entry);
                    isMine = true;
                }
            }

            if (isMine)
                return await LoadAsync(entry, location).WaitAsync(cancellationToken);
            await entry.Loaded.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Reads a frame past all caches.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async ValueTask<CachedFrame?> GetFreshAsync(BlockLocation location, CancellationToken cancellationToken)
    {
        ranges.Forget(location.Pack);
        lock (_entriesGate)
        {
            if (_entries.TryGetValue(KeyOf(location), out var entry) && entry.Frame is not null)
                Drop(entry);
        }

        return await GetAsync(location, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_entriesGate)
        {
            while (_byUse.First is { } first)
                Drop(first.Value);
        }

        _decoder.Dispose();
    }

    static ulong KeyOf(in BlockLocation location) => ((ulong)location.Pack << 32) | location.OffsetUnits;

    async Task<CachedFrame?> LoadAsync(Entry entry, BlockLocation location)
    {
        CachedFrame? frame = null;
        try
        {
            return frame = await ReadAsync(location);
        }
        finally
        {
            Finish(entry, frame);
            entry.Loaded.SetResult();
        }
    }

    async ValueTask<CachedFrame?> ReadAsync(BlockLocation location)
    {
        var pack = index.PackAt(location.Pack);
        if (location.Length > FrameHeader.LongestHeader + FrameHeader.LongestPayload)
            throw new FormatInvalidException($"the index says that a frame has {location.Length} bytes").In(S3Layout.Pack(pack), location.Offset);
        var bytes = ArrayPool<byte>.Shared.Rent((int)location.Length);
        var isTaken = false;
        try
        {
            var length = uploads is not null && uploads.TryRead(location, bytes.AsSpan(0, (int)location.Length))
                ? (int)location.Length
                : await CopyAsync(ranges.Get(location.Pack, location.Offset, (int)location.Length), location.Offset, bytes.AsMemory(0, (int)location.Length));
            if (length < 0)
                return null;
            isTaken = true;
            return _decoder.Decode(bytes, length, pack, location, int.MaxValue);
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In(S3Layout.Pack(pack), location.Offset);
        }
        finally
        {
            if (!isTaken)
                ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Puts an extent together of its parts, and lets go of them.</summary>
    /// <returns>How many bytes there are: fewer only where the pack ends; -1 where there is none.</returns>
    static async Task<int> CopyAsync(PackRange[] parts, long offset, Memory<byte> destination)
    {
        var length = 0;
        try
        {
            foreach (var part in parts)
            {
                await part.WhenRead;
                if (part.Length < 0)
                    return -1;
                length += part.CopyTo(offset + length, destination.Span[length..]);
                if (part.Length < part.Asked)
                    break;
            }

            return length;
        }
        finally
        {
            foreach (var part in parts)
                part.Release();
        }
    }

    /// <summary>Takes a frame in; a failure is forgotten, so that waiting readers fail by themselves.</summary>
    void Finish(Entry entry, CachedFrame? frame)
    {
        lock (_entriesGate)
        {
            if (frame is null)
            {
                _entries.Remove(entry.Key);
                return;
            }

            frame.Acquire();
            entry.Frame = frame;
            _byUse.AddLast(entry.Use);
            _cost += frame.Cost;
            while (_cost > budget && _byUse.First is { } oldest && oldest.Value != entry)
                Drop(oldest.Value);
        }
    }

    void Drop(Entry entry)
    {
        _entries.Remove(entry.Key);
        _byUse.Remove(entry.Use);
        _cost -= entry.Frame!.Cost;
        entry.Frame.Release();
    }

    sealed class Entry
    {
        public Entry(ulong key)
        {
            Key = key;
            Use = new LinkedListNode<Entry>(this);
        }

        public ulong Key { get; }

        public LinkedListNode<Entry> Use { get; }

        public TaskCompletionSource Loaded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CachedFrame? Frame { get; set; }
    }
}
