using System.Buffers.Binary;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// Writes one run from entries that come in ascending order of keys. Memory is two buffers and four bytes for each
/// checksum page, whatever the run's size. Not thread-safe; the run is whole once <see cref="Finish"/> returned.
/// </summary>
sealed class RunWriter
{
    const int BufferedPages = 8;

    readonly RunOutput _output;
    readonly HashAlgorithmId _algorithm;
    readonly RunPack[] _packs;
    readonly ulong[] _counts;
    readonly RunLayout _bound;
    readonly byte[] _filterPage;
    readonly byte[] _entries;
    readonly List<uint> _filterChecks = [];
    readonly List<uint> _entryChecks = [];
    long _count;
    long _block;
    int _buffered;
    BlockKey _first;
    BlockKey _last;
    uint _lastPack;

    /// <summary>Starts a run.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="algorithm">The algorithm of the digests.</param>
    /// <param name="packs">The pack table; the rows' counts are filled in from what comes.</param>
    /// <param name="capacity">About as many entries as will come; the filter is laid out for it.</param>
    public RunWriter(RunOutput output, HashAlgorithmId algorithm, ReadOnlySpan<RunPack> packs, long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(packs.Length, RunLayout.MaxPacks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, RunLayout.MaxCount);
        _output = output;
        _algorithm = algorithm;
        _packs = packs.ToArray();
        _counts = new ulong[packs.Length];
        _bound = new RunLayout(packs.Length, RunLayout.BlocksFor(capacity), capacity);
        _filterPage = new byte[(int)Math.Min(_bound.Blocks, RunLayout.BlocksPerPage) * RunLayout.FilterBlockSize];
        _entries = new byte[Math.Clamp(_bound.EntryPages, 1, BufferedPages) * RunLayout.EntryPageSize];
    }

    /// <summary>How many entries the run has so far.</summary>
    public long Count => _count;

    /// <summary>Adds an entry.</summary>
    /// <param name="key">Not below the one before. The same again is left out, unless it lies in another pack.</param>
    /// <param name="location">Where the block lies; its pack is a row of the pack table.</param>
    /// <exception cref="ArgumentException">The key is below the one before.</exception>
    public void Add(in BlockKey key, in BlockLocation location)
    {
        if (_count > 0)
        {
            var order = key.CompareTo(_last);
            if (order < 0)
                throw new ArgumentException("a run's entries come in ascending order", nameof(key));
            if (order == 0 && location.Pack == _lastPack)
                return;
        }
        else
        {
            _first = key;
        }

        AddToFilter(key);
        var entry = _entries.AsSpan(_buffered, IndexEntry.Size);
        key.Write(entry);
        location.Write(entry[BlockKey.Size..]);
        _buffered += IndexEntry.Size;
        _count++;
        _counts[location.Pack]++;
        _last = key;
        _lastPack = location.Pack;
        if (_buffered == _entries.Length)
            WriteEntries();
    }

    /// <summary>Writes what is left and the header.</summary>
    /// <returns>The run's length in bytes.</returns>
    public long Finish()
    {
        WriteEntries();
        while (_block < _bound.Blocks)
            NextBlock();
        WriteFilter();
        var layout = _bound with { Count = _count };
        var header = new RunHeader(_algorithm, layout, HighestSequence(), _first, _last, WritePacks(layout), WriteChecks(layout));
        Span<byte> bytes = stackalloc byte[RunHeader.Size];
        header.Write(bytes);
        Span<byte> trailer = stackalloc byte[RunTrailer.Size];
        new RunTrailer(layout.TotalLength, RunHeader.CheckOf(bytes)).Write(trailer);
        _output.Write(layout.TrailerOffset, trailer);
        _output.Write(0, bytes);
        return layout.TotalLength;
    }

    void AddToFilter(in BlockKey key)
    {
        var block = RunLayout.BlockOf(key.A, _bound.Blocks, out _);
        while (_block <= block)
            NextBlock();
        var slot = (int)((_block - 1) % RunLayout.BlocksPerPage);
        var bytes = _filterPage.AsSpan(slot * RunLayout.FilterBlockSize, RunLayout.FilterBlockSize);
        for (var word = 1; word < 8; word++)
        {
            var at = bytes[(word * 8)..];
            BinaryPrimitives.WriteUInt64LittleEndian(at, BinaryPrimitives.ReadUInt64LittleEndian(at) | RunLayout.FilterBit(key.B, word));
        }
    }

    /// <summary>Opens filter block number <see cref="_block"/>, which starts with how many entries lie before its own.</summary>
    void NextBlock()
    {
        var slot = (int)(_block % RunLayout.BlocksPerPage);
        if (slot == 0 && _block > 0)
            WriteFilter();
        var bytes = _filterPage.AsSpan(slot * RunLayout.FilterBlockSize, RunLayout.FilterBlockSize);
        bytes.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, _count);
        _block++;
    }

    void WriteFilter()
    {
        var from = (_block - 1) / RunLayout.BlocksPerPage * RunLayout.BlocksPerPage;
        var page = _filterPage.AsSpan(0, (int)(_block - from) * RunLayout.FilterBlockSize);
        _filterChecks.Add(Crc32C.Of(page));
        _output.Write(_bound.FilterOffset + (from * RunLayout.FilterBlockSize), page);
    }

    void WriteEntries()
    {
        var bytes = _entries.AsSpan(0, _buffered);
        if (bytes.IsEmpty)
            return;
        for (var at = 0; at < bytes.Length; at += RunLayout.EntryPageSize)
            _entryChecks.Add(Crc32C.Of(bytes.Slice(at, Math.Min(RunLayout.EntryPageSize, bytes.Length - at))));
        _output.Write(_bound.EntriesOffset + (_count * IndexEntry.Size) - bytes.Length, bytes);
        _buffered = 0;
    }

    ulong HighestSequence()
    {
        ulong highest = 0;
        foreach (var pack in _packs)
            highest = Math.Max(highest, pack.Sequence);
        return highest;
    }

    uint WritePacks(RunLayout layout)
    {
        var table = new byte[layout.FilterOffset - RunLayout.PacksOffset];
        for (var i = 0; i < _packs.Length; i++)
            (_packs[i] with { Count = _counts[i] }).Write(table.AsSpan(i * RunPack.Size));
        _output.Write(RunLayout.PacksOffset, table);
        return Crc32C.Of(table);
    }

    uint WriteChecks(RunLayout layout)
    {
        var table = new byte[layout.ChecksLength];
        var at = 0;
        foreach (var check in _filterChecks.Concat(_entryChecks))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(at), check);
            at += 4;
        }

        _output.Write(layout.ChecksOffset, table);
        return Crc32C.Of(table);
    }
}
