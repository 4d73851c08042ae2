using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Vt.Stores.DataDir.Index;

/// <summary>Looking up: filter block, then the few entries that it points at.</summary>
sealed partial class Run
{
    /// <summary>How many keys are looked up together, so that their cache misses overlap.</summary>
    public const int Batch = 128;

    /// <summary>Entries that one span covers; what a filter block points at is some 36 unless somebody crafted the digests.</summary>
    const int LargestRange = 4096;

    /// <summary>Steps from the interpolated place before bisection takes over.</summary>
    const int LargestWalk = 16;

    /// <summary>Looks up those keys of a batch that are still pending and takes the found ones off the list.</summary>
    /// <param name="keys">At most <see cref="Batch"/> keys.</param>
    /// <param name="pending">Indexes into <paramref name="keys"/>, of those to look up; compacted.</param>
    /// <param name="slots">For each row of the pack table the pack's slot in the index, or -1 where the pack is gone.</param>
    /// <param name="locations">Receives places, at the keys' indexes, with <see cref="BlockLocation.Pack"/> turned into a slot.</param>
    /// <returns>How many are pending still.</returns>
    /// <exception cref="Blocks.Contracts.FormatInvalidException">A page that the lookup needs is damaged.</exception>
    public int Find(ReadOnlySpan<BlockKey> keys, Span<int> pending, ReadOnlySpan<int> slots, Span<BlockLocation> locations)
    {
        Span<int> candidates = stackalloc int[pending.Length];
        Span<EntryRange> ranges = stackalloc EntryRange[pending.Length];
        var left = 0;
        var passed = Filter(keys, pending, candidates, ref left);
        for (var i = 0; i < passed; i++)
            ranges[i] = RangeOf(keys[candidates[i]]);
        Touch(ranges[..passed]);
        for (var i = 0; i < passed; i++)
        {
            var index = candidates[i];
            var key = keys[index];
            if (!TryFind(key, ranges[i], slots, out locations[index]))
                pending[left++] = index;
        }

        return left;
    }

    /// <summary>Adds every live place of a key to <paramref name="places"/>.</summary>
    public void FindAll(in BlockKey key, ReadOnlySpan<int> slots, List<BlockLocation> places)
    {
        var range = RangeOf(key);
        for (var at = LowerBound(range.From, range.To, key); at < range.To; at++)
        {
            var entry = EntryAt(at);
            if (entry.Key != key)
                break;
            if (TryPlace(entry.Location, slots, at, out var place))
                places.Add(place);
        }
    }

    /// <summary>The entry at an index from 0 below the count; its page is checked.</summary>
    public IndexEntry EntryAt(long index)
    {
        CheckEntryPage(index / RunLayout.EntriesPerPage);
        return IndexEntry.Read(Entries(index, 1));
    }

    /// <summary>A checked page of entries: 48 bytes each, in order.</summary>
    public ReadOnlySpan<byte> EntryPage(long page)
    {
        CheckEntryPage(page);
        var from = page * RunLayout.EntriesPerPage;
        return Entries(from, (int)Math.Min(RunLayout.EntriesPerPage, _layout.Count - from));
    }

    /// <summary>The index of the first entry whose key is above <paramref name="key"/>.</summary>
    public long UpperBound(in BlockKey key)
    {
        var range = RangeOf(key);
        var at = LowerBound(range.From, range.To, key);
        while (at < range.To && EntryAt(at).Key == key)
            at++;
        return at;
    }

    /// <summary>Sorts pending keys into those that the filter lets pass and those that are certainly absent.</summary>
    int Filter(ReadOnlySpan<BlockKey> keys, Span<int> pending, Span<int> candidates, ref int left)
    {
        var filter = FilterBytes();
        var blocks = _layout.Blocks;
        var touched = 0UL;
        foreach (var index in pending)
            touched |= filter[(int)RunLayout.BlockOf(keys[index].A, blocks, out _) * RunLayout.FilterBlockSize];
        Consume(touched);
        var passed = 0;
        foreach (var index in pending)
        {
            ref readonly var key = ref keys[index];
            var block = (int)RunLayout.BlockOf(key.A, blocks, out _);
            CheckFilterPage(block / RunLayout.BlocksPerPage);
            var passes = MayContain(filter.Slice(block * RunLayout.FilterBlockSize, RunLayout.FilterBlockSize), key.B);

            // Both stores and no branch: whether a filter lets a key pass is what no predictor knows.
            candidates[passed] = index;
            pending[left] = index;
            passed += passes;
            left += 1 - passes;
        }

        return passed;
    }

    /// <summary>1 when every one of the block's words has the bit that the selector, digest bytes 8 to 15, names in it; else 0.</summary>
    static int MayContain(ReadOnlySpan<byte> block, ulong selector)
    {
        var all = BinaryPrimitives.ReadUInt64LittleEndian(block[56..]) >> (int)((selector >> 36) & 63);
        all &= BinaryPrimitives.ReadUInt64LittleEndian(block[48..]) >> (int)((selector >> 30) & 63);
        all &= BinaryPrimitives.ReadUInt64LittleEndian(block[40..]) >> (int)((selector >> 24) & 63);
        all &= BinaryPrimitives.ReadUInt64LittleEndian(block[32..]) >> (int)((selector >> 18) & 63);
        all &= BinaryPrimitives.ReadUInt64LittleEndian(block[24..]) >> (int)((selector >> 12) & 63);
        all &= BinaryPrimitives.ReadUInt64LittleEndian(block[16..]) >> (int)((selector >> 6) & 63);
        all &= BinaryPrimitives.ReadUInt64LittleEndian(block[8..]) >> (int)(selector & 63);
        return (int)(all & 1);
    }

    /// <summary>The entries among which a key stands if it stands anywhere, and where to look first.</summary>
    EntryRange RangeOf(in BlockKey key)
    {
        var block = RunLayout.BlockOf(key.A, _layout.Blocks, out var fraction);
        var from = RankOf(block);
        var to = RankOf(block + 1);
        if (from < 0 || from > to || to > _layout.Count)
        {
            var offset = _layout.FilterOffset + (block * RunLayout.FilterBlockSize);
            throw Damaged($"a run's filter points at entries {from} to {to} of {_layout.Count}", offset);
        }

        return new EntryRange(from, to, from + (long)Math.BigMul(fraction, (ulong)(to - from), out _));
    }

    /// <summary>Reads from each range's likely place, with nothing that depends on it, so that the memory's delays overlap.</summary>
    void Touch(ReadOnlySpan<EntryRange> ranges)
    {
        var touched = 0UL;
        foreach (ref readonly var range in ranges)
        {
            if (range.From < range.To)
                touched |= PrefixAt(range.Guess);
        }

        Consume(touched);
    }

    bool TryFind(in BlockKey key, in EntryRange range, ReadOnlySpan<int> slots, out BlockLocation place)
    {
        place = default;
        for (var at = Seek(key, range); at < range.To; at++)
        {
            var bytes = Entries(at, 1);
            if (BlockKey.Read(bytes) != key)
                return false;
            if (TryPlace(BlockLocation.Read(bytes[BlockKey.Size..]), slots, at, out place))
                return true;
        }

        return false;
    }

    /// <summary>The first entry of the range that is not below the key, with the pages checked that say so.</summary>
    long Seek(in BlockKey key, in EntryRange range)
    {
        if (range.From == range.To)
            return range.To;
        if (range.To - range.From > LargestRange)
            return LowerBound(range.From, range.To, key);
        CheckEntryPage(range.From / RunLayout.EntriesPerPage);
        for (var page = (range.From / RunLayout.EntriesPerPage) + 1; page <= (range.To - 1) / RunLayout.EntriesPerPage; page++)
            CheckEntryPage(page);
        var entries = Entries(range.From, (int)(range.To - range.From));
        var at = Walk(entries, key.A, (int)(range.Guess - range.From));
        return at >= 0 && (at * IndexEntry.Size == entries.Length || BlockKey.Read(entries[(at * IndexEntry.Size)..]).CompareTo(key) >= 0)
            ? range.From + at
            : LowerBound(range.From, range.To, key);
    }

    /// <summary>Goes from a guess to the first entry whose prefix is not below <paramref name="prefix"/>; -1 when that is far.</summary>
    static int Walk(ReadOnlySpan<byte> entries, ulong prefix, int guess)
    {
        var count = entries.Length / IndexEntry.Size;
        var at = guess;
        var steps = LargestWalk;
        while (at < count && PrefixAt(entries, at) < prefix)
        {
            at++;
            if (--steps == 0)
                return -1;
        }

        if (at != guess)
            return at;
        while (at > 0 && PrefixAt(entries, at - 1) >= prefix)
        {
            at--;
            if (--steps == 0)
                return -1;
        }

        return at;
    }

    /// <summary>The first index in a range whose key is not below the given one; <paramref name="to"/> where there is none.</summary>
    long LowerBound(long from, long to, in BlockKey key)
    {
        while (from < to)
        {
            var middle = from + ((to - from) / 2);
            if (EntryAt(middle).Key.CompareTo(key) < 0)
                from = middle + 1;
            else
                to = middle;
        }

        return from;
    }

    /// <summary>Turns a place's pack from a row of the run's table into a slot of the index.</summary>
    /// <returns>False when the pack is gone.</returns>
    bool TryPlace(in BlockLocation stored, ReadOnlySpan<int> slots, long index, out BlockLocation place)
    {
        if (stored.Pack >= (uint)slots.Length || stored.IsNone)
        {
            var offset = _layout.EntriesOffset + (index * IndexEntry.Size);
            throw Damaged($"an entry of a run lies in pack {stored.Pack} of {slots.Length}", offset);
        }

        var slot = slots[(int)stored.Pack];
        place = slot < 0 ? default : stored with { Pack = (uint)slot };
        return slot >= 0;
    }

    ulong PrefixAt(long index) => BinaryPrimitives.ReadUInt64BigEndian(Entries(index, 1));

    static ulong PrefixAt(ReadOnlySpan<byte> entries, int index) =>
        BinaryPrimitives.ReadUInt64BigEndian(entries[(index * IndexEntry.Size)..]);

    /// <summary>Takes what reads that only fetch into the cache have read, so that no compiler drops them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Consume(ulong touched) => _ = touched;

    /// <summary>Entries from one index to below another, among which a key stands or doesn't, and its likeliest index.</summary>
    readonly record struct EntryRange(long From, long To, long Guess);
}
