using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Reading;

/// <summary>
/// Frames that were read lately, least recently used first out. Of many readers of one frame one decompresses it and the others wait for
/// it. Thread-safe.
/// </summary>
/// <param name="loader">Reads frames.</param>
/// <param name="budget">How many bytes are kept; frames that are lent are kept beyond it by their leases.</param>
sealed class FrameCache(FrameLoader loader, long budget) : IDisposable
{
    /// <summary>Asks for all blocks of a frame.</summary>
    public const int AllBlocks = int.MaxValue;

    // Guards all fields below and the entries' links and frames.
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

    /// <summary>A frame, read or from the cache.</summary>
    /// <param name="pack">The pack.</param>
    /// <param name="location">Where in it.</param>
    /// <param name="ordinal">A block that has to be there, or <see cref="AllBlocks"/>.</param>
    /// <param name="cancellationToken">Gives up waiting for another reader.</param>
    /// <returns>The frame, acquired for the caller.</returns>
    /// <exception cref="FormatInvalidException">See <see cref="FrameLoader.Load"/>.</exception>
    /// <exception cref="IOException">The pack can't be read.</exception>
    public ValueTask<CachedFrame> GetAsync(PackId pack, in BlockLocation location, int ordinal, CancellationToken cancellationToken)
    {
        var key = ((ulong)location.Pack << 32) | location.OffsetUnits;
        Entry entry;
        var isAlong = false;
        lock (_entriesGate)
        {
            if (_entries.TryGetValue(key, out var known))
            {
                if (known.Frame is null)
                    return WaitAsync(known, pack, location, ordinal, cancellationToken);
                if (ordinal == AllBlocks ? known.Frame.Has(known.Frame.Blocks - 1) : known.Frame.Has(ordinal))
                {
                    _hits++;
                    _byUse.Remove(known.Use);
                    _byUse.AddLast(known.Use);
                    known.Frame.Acquire();
                    return new ValueTask<CachedFrame>(known.Frame);
                }

                Drop(known);
                isAlong = true;
            }

            _misses++;
            entry = new Entry(key);
            _entries.Add(key, entry);
        }

        return new ValueTask<CachedFrame>(Load(entry, pack, location, ordinal, isAlong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_entriesGate)
        {
            foreach (var entry in _byUse)
                entry.Frame!.Release();
            _byUse.Clear();
            _entries.Clear();
        }
    }

    async ValueTask<CachedFrame> WaitAsync(Entry entry, PackId pack, BlockLocation location, int ordinal, CancellationToken cancellationToken)
    {
        await entry.Loaded.Task.WaitAsync(cancellationToken);
        return await GetAsync(pack, location, ordinal, cancellationToken);
    }

    /// <summary>Loads a frame into an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="pack">The pack.</param>
    /// <param name="location">Where in it.</param>
    /// <param name="ordinal">What has to be there.</param>
    /// <param name="isAlong">Whether somebody reads along: then all of the frame is wanted, unless it is damaged further on.</param>
    CachedFrame Load(Entry entry, PackId pack, in BlockLocation location, int ordinal, bool isAlong)
    {
        CachedFrame? frame = null;
        try
        {
            return frame = isAlong ? LoadAll(pack, location, ordinal) : loader.Load(pack, location, ordinal);
        }
        finally
        {
            Finish(entry, frame);
            entry.Loaded.SetResult();
        }
    }

    CachedFrame LoadAll(PackId pack, in BlockLocation location, int ordinal)
    {
        try
        {
            return loader.Load(pack, location, AllBlocks);
        }
        catch (FormatInvalidException) when (ordinal != AllBlocks)
        {
            return loader.Load(pack, location, ordinal);
        }
    }

    /// <summary>Takes a loaded frame in; a failure is forgotten, so that waiting readers fail by themselves.</summary>
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
