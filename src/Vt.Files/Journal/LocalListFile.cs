using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>
/// The bytes of a list of what is local, described in vt-live(5): a header and records, each behind its length and a checksum that goes on from the one
/// before. The last of these is what the state knows the list by.
/// </summary>
static class LocalListFile
{
    const int HeaderLength = 16;
    const int HeadLength = 8;
    const uint Version = 1;

    static ReadOnlySpan<byte> Magic => [0x89, 0x56, 0x74, 0x4c, 0x6f, 0x63, 0x0d, 0x0a];

    /// <summary>Writes a list to an empty file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="number">Its number.</param>
    /// <param name="records">Records of at most <see cref="LogFrame.LongestRecord"/> bytes.</param>
    public static LocalList Write(FileDescriptor file, uint number, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        var bytes = new byte[HeadLength + LogFrame.LongestRecord];
        WriteHeader(bytes, number);
        var check = Crc32C.Compute(bytes.AsSpan(0, HeaderLength));
        PosixFile.PwriteFully(file, bytes.AsSpan(0, HeaderLength), 0);
        long length = HeaderLength;
        foreach (var record in records)
        {
            check = Crc32C.Compute(record.Span, check);
            BinaryPrimitives.WriteInt32LittleEndian(bytes, record.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), check);
            record.Span.CopyTo(bytes.AsSpan(HeadLength));
            PosixFile.PwriteFully(file, bytes.AsSpan(0, HeadLength + record.Length), length);
            length += HeadLength + record.Length;
        }

        return new LocalList(number, length, check);
    }

    /// <summary>Reads a list's records.</summary>
    /// <exception cref="FormatInvalidException">It is damaged, or not the one that is looked for.</exception>
    public static List<byte[]> Read(FileDescriptor file, LocalList list)
    {
        Span<byte> head = stackalloc byte[HeaderLength];
        Span<byte> header = stackalloc byte[HeaderLength];
        WriteHeader(header, list.Number);
        if (PosixFile.PreadUpTo(file, head, 0) < HeaderLength || !head.SequenceEqual(header))
            throw new FormatInvalidException("this is no list of what is local, or another one", 0);
        var check = Crc32C.Compute(header);
        var records = new List<byte[]>();
        long at = HeaderLength;
        while (at < list.Length)
        {
            head = head[..HeadLength];
            if (PosixFile.PreadUpTo(file, head, at) < HeadLength)
                throw new FormatInvalidException("the list ends early", at);
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is < 0 or > LogFrame.LongestRecord || length > list.Length - at - HeadLength)
                throw new FormatInvalidException($"a record has {length} bytes", at);
            var record = new byte[length];
            if (PosixFile.PreadUpTo(file, record, at + HeadLength) < length)
                throw new FormatInvalidException("the list ends early", at);
            check = Crc32C.Compute(record, check);
            if (check != BinaryPrimitives.ReadUInt32LittleEndian(head[4..]))
                throw new FormatInvalidException("a record does not match its checksum", at);
            records.Add(record);
            at += HeadLength + length;
        }

        return check == list.Check ? records : throw new FormatInvalidException("the list is not the one that the state names", at);
    }

    static void WriteHeader(Span<byte> bytes, uint number)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], number);
    }
}
