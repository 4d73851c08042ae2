using System.Buffers.Binary;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>Writes an index file from its start to its end, and the header last. Not thread-safe.</summary>
/// <param name="file">The file, empty; the caller's, who also syncs it.</param>
sealed class PlaceWriter(FileDescriptor file)
{
    readonly byte[] _page = new byte[PlaceHeader.PageSize];
    readonly List<uint> _checks = [];
    long _written = PlaceHeader.Size;
    int _filled;

    /// <summary>Writes all of it.</summary>
    /// <param name="algorithm">How blocks are named.</param>
    /// <param name="count">How many files there are.</param>
    /// <param name="fileAt">Each of them, in ascending order of paths; asked for more than once.</param>
    /// <param name="entries">The entries in ascending order of names; a file is its number.</param>
    public void Write(HashAlgorithmId algorithm, int count, Func<int, IndexedFile> fileAt, IEnumerable<IndexEntry> entries)
    {
        long names = 0, bytes = 0;
        var inodes = new (ulong Inode, int Row)[count];
        Span<byte> row = stackalloc byte[PlaceHeader.RowSize];
        for (var i = 0; i < count; i++)
        {
            var one = fileAt(i);
            one.Facts.Write(row);
            BinaryPrimitives.WriteUInt64LittleEndian(row[40..], one.HoleSpan);
            BinaryPrimitives.WriteInt64LittleEndian(row[48..], names);
            BinaryPrimitives.WriteInt32LittleEndian(row[56..], one.Path.Length);
            BinaryPrimitives.WriteInt32LittleEndian(row[60..], one.Content.Length);
            Append(row);
            names += one.Path.Length + one.Content.Length;
            bytes += one.Facts.Size;
            inodes[i] = (one.Facts.Inode, i);
        }

        for (var i = 0; i < count; i++)
        {
            var one = fileAt(i);
            Append(one.Path);
            Append(one.Content);
        }

        WriteInodes(inodes);
        var written = WriteEntries(entries);
        Finish(new PlaceHeader(algorithm, count, written, names, bytes));
    }

    void WriteInodes((ulong Inode, int Row)[] inodes)
    {
        Array.Sort(inodes);
        Span<byte> bytes = stackalloc byte[PlaceHeader.InodeSize];
        foreach (var (inode, row) in inodes)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, inode);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], row);
            Append(bytes);
        }
    }

    long WriteEntries(IEnumerable<IndexEntry> entries)
    {
        long count = 0;
        Span<byte> bytes = stackalloc byte[IndexEntry.Size];
        foreach (var entry in entries)
        {
            entry.Write(bytes);
            Append(bytes);
            count++;
        }

        return count;
    }

    void Finish(in PlaceHeader header)
    {
        WritePage();
        var checks = new byte[(_checks.Count + 1) * sizeof(uint)];
        for (var i = 0; i < _checks.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(checks.AsSpan(i * sizeof(uint)), _checks[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(checks.AsSpan(_checks.Count * sizeof(uint)), Crc32C.Of(checks.AsSpan(0, _checks.Count * sizeof(uint))));
        PosixFile.PwriteFully(file, checks, _written);
        Span<byte> bytes = stackalloc byte[PlaceHeader.Size];
        header.Write(bytes);
        PosixFile.PwriteFully(file, bytes, 0);
    }

    void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = Math.Min(bytes.Length, _page.Length - _filled);
            bytes[..part].CopyTo(_page.AsSpan(_filled));
            _filled += part;
            bytes = bytes[part..];
            if (_filled == _page.Length)
                WritePage();
        }
    }

    void WritePage()
    {
        if (_filled == 0)
            return;
        _checks.Add(Crc32C.Of(_page.AsSpan(0, _filled)));
        PosixFile.PwriteFully(file, _page.AsSpan(0, _filled), _written);
        _written += _filled;
        _filled = 0;
    }
}
