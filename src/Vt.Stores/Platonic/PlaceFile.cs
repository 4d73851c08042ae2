using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>
/// An index file, mapped: files by path and by inode, and places of blocks by name. It never changes. Every page is checked against its checksum
/// before the first byte of it is believed. Thread-safe. The map goes with the object, so that whoever still reads keeps it.
/// </summary>
sealed class PlaceFile
{
    readonly MemoryMap _map;
    readonly PlaceHeader _header;
    readonly bool[] _isChecked;

    PlaceFile(string path, MemoryMap map, PlaceHeader header)
    {
        Path = path;
        _map = map;
        _header = header;
        _isChecked = new bool[header.Pages];
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>How many files it tells of.</summary>
    public int Files => (int)_header.Files;

    /// <summary>How many places of blocks it has.</summary>
    public long Entries => _header.Entries;

    /// <summary>The sizes of its files together.</summary>
    public long FileBytes => _header.FileBytes;

    /// <summary>Its length in bytes.</summary>
    public long Length => _map.Length;

    /// <summary>Opens one.</summary>
    /// <exception cref="FormatInvalidException">It is damaged, or of another algorithm.</exception>
    /// <exception cref="PosixException">It can't be read.</exception>
    public static PlaceFile Open(string path, HashAlgorithmId algorithm)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_RDONLY);
        var length = PosixFile.Fstat(file).Size;
        try
        {
            if (length < PlaceHeader.Size)
                throw new FormatInvalidException("it is too short");
            var map = new MemoryMap(file, 0, length);
            var header = PlaceHeader.Read(map.Span(0, PlaceHeader.Size), length);
            if (header.Algorithm != algorithm)
                throw new FormatInvalidException($"it is of {HashAlgorithms.NameOf(header.Algorithm)} hashes");
            var opened = new PlaceFile(path, map, header);
            opened.CheckChecks();
            return opened;
        }
        catch (FormatInvalidException fault)
        {
            throw fault.In(path);
        }
    }

    /// <summary>A file by its row.</summary>
    public IndexedFile FileAt(int row)
    {
        var bytes = RowAt(row);
        var name = NameAt(row);
        var content = new byte[BinaryPrimitives.ReadInt32LittleEndian(bytes[60..])];
        Bytes(_header.NamesOffset + NameOffset(bytes) + name.Length, content.Length).CopyTo(content);
        var file = new IndexedFile(name.ToArray(), FileFacts.Read(bytes), content, BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]));
        GC.KeepAlive(this);
        return file;
    }

    /// <summary>What a file was like, by its row.</summary>
    public FileFacts FactsAt(int row)
    {
        var facts = FileFacts.Read(RowAt(row));
        GC.KeepAlive(this);
        return facts;
    }

    /// <summary>A file's path, by its row.</summary>
    public byte[] PathAt(int row)
    {
        var path = NameAt(row).ToArray();
        GC.KeepAlive(this);
        return path;
    }

    /// <summary>Finds a file by its path.</summary>
    /// <returns>Its row; -1 where it is not here.</returns>
    public int FindPath(ReadOnlySpan<byte> path)
    {
        var (low, high) = (0, Files - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            var order = NameAt(middle).SequenceCompareTo(path);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        GC.KeepAlive(this);
        return -1;
    }

    /// <summary>Finds files by their inode: the rows of all.</summary>
    public IEnumerable<int> FindInode(ulong inode)
    {
        var (low, high) = (0L, _header.Files);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (InodeAt(middle).Inode < inode)
                low = middle + 1;
            else
                high = middle;
        }

        for (; low < _header.Files && InodeAt(low) is var at && at.Inode == inode; low++)
            yield return at.Row;
    }

    /// <summary>Finds a block.</summary>
    /// <returns>The number of its first entry; that of the first one behind it where it is not here.</returns>
    public long Find(in BlockKey key)
    {
        var (low, high) = (0L, Entries);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (EntryAt(middle).Key.CompareTo(key) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>An entry by its number.</summary>
    public IndexEntry EntryAt(long number)
    {
        var entry = IndexEntry.Read(Bytes(_header.EntriesOffset + (number * IndexEntry.Size), IndexEntry.Size));
        GC.KeepAlive(this);
        return entry;
    }

    (ulong Inode, int Row) InodeAt(long number)
    {
        var bytes = Bytes(_header.InodesOffset + (number * PlaceHeader.InodeSize), PlaceHeader.InodeSize);
        var found = (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));
        GC.KeepAlive(this);
        return found;
    }

    ReadOnlySpan<byte> RowAt(int row) => Bytes(PlaceHeader.Size + ((long)row * PlaceHeader.RowSize), PlaceHeader.RowSize);

    ReadOnlySpan<byte> NameAt(int row)
    {
        var bytes = RowAt(row);
        return Bytes(_header.NamesOffset + NameOffset(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]));
    }

    static long NameOffset(ReadOnlySpan<byte> row) => BinaryPrimitives.ReadInt64LittleEndian(row[48..]);

    ReadOnlySpan<byte> Bytes(long offset, int length)
    {
        if (length > 0)
        {
            var last = (offset + length - 1 - PlaceHeader.Size) / PlaceHeader.PageSize;
            for (var page = (offset - PlaceHeader.Size) / PlaceHeader.PageSize; page <= last; page++)
            {
                if (!Volatile.Read(ref _isChecked[page]))
                    Check(page);
            }
        }

        return _map.Span(offset, length);
    }

    void Check(long page)
    {
        var start = PlaceHeader.Size + (page * PlaceHeader.PageSize);
        var bytes = _map.Span(start, (int)Math.Min(PlaceHeader.PageSize, _header.ChecksOffset - start));
        if (Crc32C.Of(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(_map.Span(_header.ChecksOffset + (page * sizeof(uint)), sizeof(uint))))
            throw new FormatInvalidException("a page is damaged", start).In(Path);
        Volatile.Write(ref _isChecked[page], true);
    }

    void CheckChecks()
    {
        var length = checked((int)(_header.Pages * sizeof(uint)));
        if (Crc32C.Of(_map.Span(_header.ChecksOffset, length)) != BinaryPrimitives.ReadUInt32LittleEndian(_map.Span(_header.ChecksOffset + length, sizeof(uint))))
            throw new FormatInvalidException("the checksums are damaged", _header.ChecksOffset);
    }
}
