using Vt.Posix;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Packs;

/// <summary>The end of a closed pack: its table of contents and its trailer.</summary>
static class PackContents
{
    /// <summary>The table of contents starts at a multiple of this, so that filter blocks lie in cache lines.</summary>
    public const int Alignment = 64;

    const int Piece = 1 << 20;

    /// <summary>Writes both, without syncing.</summary>
    /// <param name="disk">Writes them.</param>
    /// <param name="file">The pack.</param>
    /// <param name="path">Its name.</param>
    /// <param name="framesEnd">Where the frames end.</param>
    /// <param name="contents">The blocks.</param>
    /// <param name="totals">The trailer but for the table's place and checksum.</param>
    /// <returns>The pack's length.</returns>
    public static long Write(DiskWriter disk, FileDescriptor file, string path, long framesEnd, RunBuilder contents, PackTrailer totals)
    {
        var start = (framesEnd + Alignment - 1) / Alignment * Alignment;

        // Zeros, whatever an interrupted closing left there.
        disk.Write(file, path, new byte[(int)(start - framesEnd)], framesEnd);
        var length = contents.Write(new PackRunOutput(disk, file, path, start));
        var trailer = new byte[PackTrailer.Size];
        (totals with { ContentsOffset = start, ContentsLength = length, ContentsCheck = CheckOf(file, start, length) }).Write(trailer);
        disk.Write(file, path, trailer, start + length);
        return start + length + PackTrailer.Size;
    }

    /// <summary>The CRC-32C of a file's range.</summary>
    /// <exception cref="IOException">It can't be read, or the file ends before it does.</exception>
    public static uint CheckOf(FileDescriptor file, long start, long length)
    {
        var piece = new byte[(int)Math.Min(Piece, length)];
        var check = 0u;
        for (long done = 0; done < length; done += piece.Length)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, length - done));
            PosixFile.PreadFully(file, part, start + done);
            check = Crc32C.Compute(part, check);
        }

        return check;
    }
}
