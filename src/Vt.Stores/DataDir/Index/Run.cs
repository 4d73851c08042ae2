using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// An immutable sorted list of blocks and where they lie, mapped from a file or held in memory. Opening reads the header, the
/// trailer, the pack table and the page checksums; each page of filter and entries is checked when a lookup first touches it, so
/// that damage is an exception and never an absent block.
/// </summary>
/// <remarks>
/// Thread-safe. Counted: <see cref="Acquire"/> and <see cref="Release"/> come in pairs and the last release unmaps, so memory is never
/// pulled from under a reader. A new run counts one, its opener's.
/// </remarks>
sealed partial class Run
{
    readonly RunBytes _bytes;
    readonly long _start;
    readonly RunHeader _header;
    readonly RunLayout _layout;
    readonly RunPack[] _packs;
    readonly byte[] _filterPagesChecked;
    readonly byte[] _entryPagesChecked;
    int _references = 1;

    Run(RunBytes bytes, string name, long start, bool isPackRun)
    {
        _bytes = bytes;
        _start = start;
        Name = name;
        IsPackRun = isPackRun;
        _header = RunHeader.Read(bytes.Span(0, (int)Math.Min(RunHeader.Size, bytes.Length)));
        _layout = _header.Layout;
        if (_layout.TotalLength != bytes.Length)
            throw new FormatInvalidException($"a run of {_layout.TotalLength} bytes has a place of {bytes.Length}", bytes.Length);
        CheckTrailer();
        if (Crc32C.Of(bytes.Span(_layout.ChecksOffset, checked((int)_layout.ChecksLength))) != _header.ChecksCheck)
            throw new FormatInvalidException("a run's table of page checksums does not match its own", _layout.ChecksOffset);
        _packs = ReadPacks();
        _filterPagesChecked = new byte[_layout.FilterPages];
        _entryPagesChecked = new byte[_layout.EntryPages];
    }

    /// <summary>The file that the run lies in, for messages; a run in memory is named after its pack.</summary>
    public string Name { get; }

    /// <summary>Whether this is a pack's own table of contents, or a scan in its stead.</summary>
    public bool IsPackRun { get; }

    /// <summary>Whether this is what a scan of a pack gave, since its table of contents is missing or damaged.</summary>
    public bool IsScan => _bytes.IsMemory;

    /// <summary>The packs that the run covers: it lists all their blocks.</summary>
    public ReadOnlySpan<RunPack> Packs => _packs;

    /// <summary>How many entries the run has, those of packs that are gone included.</summary>
    public long Count => _layout.Count;

    /// <summary>The highest sequence of the run's packs: a higher run is a newer one.</summary>
    public ulong Sequence => _header.Sequence;

    /// <summary>The algorithm of the digests.</summary>
    public HashAlgorithmId Algorithm => _header.Algorithm;

    /// <summary>Bytes on disk.</summary>
    public long Length => _layout.TotalLength;

    /// <summary>Maps a run.</summary>
    /// <param name="place">Where it lies.</param>
    /// <param name="algorithm">What its digests must be of.</param>
    /// <param name="isPackRun">Whether it is a pack's table of contents.</param>
    /// <exception cref="PosixException">The file can't be opened or mapped.</exception>
    /// <exception cref="FormatInvalidException">There is no whole run of that algorithm.</exception>
    public static Run Open(RunPlace place, HashAlgorithmId algorithm, bool isPackRun) =>
        place.Length >= RunHeader.Size + RunTrailer.Size
            ? Open(RunBytes.Map(place), algorithm, place.Path, place.Offset, isPackRun)
            : throw new FormatInvalidException($"{place.Length} bytes are no run", place.Offset).In(place.Path);

    /// <summary>Reads a run that is in memory.</summary>
    /// <param name="bytes">The run; must not change any more.</param>
    /// <param name="algorithm">What its digests must be of.</param>
    /// <param name="name">Names it in messages.</param>
    public static Run Open(byte[] bytes, HashAlgorithmId algorithm, string name) =>
        Open(RunBytes.Of(bytes), algorithm, name, 0, isPackRun: true);

    static Run Open(RunBytes bytes, HashAlgorithmId algorithm, string name, long start, bool isPackRun)
    {
        try
        {
            var run = new Run(bytes, name, start, isPackRun);
            if (run.Algorithm != algorithm)
            {
                throw new FormatInvalidException(
                    $"a run of {HashAlgorithms.NameOf(run.Algorithm)} digests in a store of {HashAlgorithms.NameOf(algorithm)}", 10);
            }

            return run;
        }
        catch (FormatInvalidException invalid)
        {
            bytes.Dispose();
            throw invalid.In(name, start);
        }
    }

    /// <summary>Finds the run that ends where a file does, as a pack's table of contents may.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path, for the place and for messages.</param>
    /// <param name="end">Where the run ends, in bytes from the file's start.</param>
    /// <exception cref="FormatInvalidException">No run ends there.</exception>
    public static RunPlace FindAtEnd(FileDescriptor file, string path, long end)
    {
        Span<byte> bytes = stackalloc byte[RunTrailer.Size];
        if (end < bytes.Length)
            throw new FormatInvalidException("no run ends here", end).In(path);
        PosixFile.PreadFully(file, bytes, end - bytes.Length);
        try
        {
            var trailer = RunTrailer.Read(bytes);
            if (trailer.TotalLength > end)
                throw new FormatInvalidException($"a run claims {trailer.TotalLength} bytes");
            return new RunPlace(path, end - trailer.TotalLength, trailer.TotalLength);
        }
        catch (FormatInvalidException invalid)
        {
            throw invalid.In(path, end - bytes.Length);
        }
    }

    /// <summary>Keeps the run mapped until <see cref="Release"/>. The caller knows that it is mapped now.</summary>
    public void Acquire() => Interlocked.Increment(ref _references);

    /// <summary>Gives up what <see cref="Acquire"/> or opening got.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            _bytes.Dispose();
    }

    /// <summary>The pack that an entry of this run lies in.</summary>
    /// <exception cref="FormatInvalidException">The entry names none.</exception>
    public ref readonly RunPack PackOf(in IndexEntry entry)
    {
        if (entry.Location.Pack >= (uint)_packs.Length)
            throw Damaged($"an entry of a run lies in pack {entry.Location.Pack} of {_packs.Length}", _layout.EntriesOffset);
        return ref _packs[entry.Location.Pack];
    }

    void CheckTrailer()
    {
        var trailer = RunTrailer.Read(_bytes.Span(_layout.TrailerOffset, RunTrailer.Size));
        if (trailer.TotalLength != _layout.TotalLength || trailer.HeaderCheck != RunHeader.CheckOf(_bytes.Span(0, RunHeader.Size)))
            throw new FormatInvalidException("a run's trailer is another run's", _layout.TrailerOffset);
    }

    RunPack[] ReadPacks()
    {
        var table = _bytes.Span(RunLayout.PacksOffset, (int)(_layout.FilterOffset - RunLayout.PacksOffset));
        if (Crc32C.Of(table) != _header.PacksCheck)
            throw new FormatInvalidException("a run's pack table does not match its checksum", RunLayout.PacksOffset);
        var packs = new RunPack[_layout.Packs];
        for (var i = 0; i < packs.Length; i++)
            packs[i] = RunPack.Read(table[(i * RunPack.Size)..]);
        return packs;
    }

    ReadOnlySpan<byte> FilterBytes() => _bytes.Span(_layout.FilterOffset, (int)_layout.Blocks * RunLayout.FilterBlockSize);

    ReadOnlySpan<byte> FilterBlock(long block) =>
        _bytes.Span(_layout.FilterOffset + (block * RunLayout.FilterBlockSize), RunLayout.FilterBlockSize);

    ReadOnlySpan<byte> Entries(long from, int count) =>
        _bytes.Span(_layout.EntriesOffset + (from * IndexEntry.Size), count * IndexEntry.Size);

    /// <summary>How many entries lie before a filter block's own.</summary>
    /// <param name="block">From 0 to the number of blocks, where the answer is the count.</param>
    long RankOf(long block)
    {
        if (block == _layout.Blocks)
            return _layout.Count;
        CheckFilterPage(block / RunLayout.BlocksPerPage);
        return BinaryPrimitives.ReadInt64LittleEndian(FilterBlock(block));
    }

    void CheckFilterPage(long page)
    {
        if (_filterPagesChecked[page] != 0)
            return;
        var from = page * RunLayout.BlocksPerPage;
        var count = (int)Math.Min(RunLayout.BlocksPerPage, _layout.Blocks - from);
        var offset = _layout.FilterOffset + (from * RunLayout.FilterBlockSize);
        CheckPage(offset, count * RunLayout.FilterBlockSize, page);
        _filterPagesChecked[page] = 1;
    }

    void CheckEntryPage(long page)
    {
        if (_entryPagesChecked[page] != 0)
            return;
        var from = page * RunLayout.EntriesPerPage;
        var count = (int)Math.Min(RunLayout.EntriesPerPage, _layout.Count - from);
        CheckPage(_layout.EntriesOffset + (from * IndexEntry.Size), count * IndexEntry.Size, _layout.FilterPages + page);
        _entryPagesChecked[page] = 1;
    }

    void CheckPage(long offset, int length, long check)
    {
        var expected = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Span(_layout.ChecksOffset + (check * 4), 4));
        if (Crc32C.Of(_bytes.Span(offset, length)) != expected)
            throw Damaged("a page of a run does not match its checksum", offset);
    }

    FormatInvalidException Damaged(string what, long offset) => new FormatInvalidException(what, offset).In(Name, _start);
}
