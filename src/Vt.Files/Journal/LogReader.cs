using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>
/// Goes through a log file's frames in order. Reads in large pieces and, unlike a map, answers a bad disk with an error.
/// </summary>
/// <param name="segment">The file.</param>
sealed class LogReader(LogSegment segment)
{
    const int WindowLength = 1 << 20;

    readonly byte[] _window = GC.AllocateUninitializedArray<byte>(WindowLength);
    long _start;
    int _length;

    /// <summary>The frame that <see cref="TryNext"/> found.</summary>
    public LogFrame Frame { get; private set; }

    /// <summary>Where it lies.</summary>
    public long Offset { get; private set; }

    /// <summary>Where the next one begins, or none does.</summary>
    public long End { get; private set; } = LogHeader.Room;

    /// <summary>The found frame's record; valid until the next call.</summary>
    public ReadOnlySpan<byte> Record => Bytes(Offset + LogFrame.HeadLength, Frame.RecordLength);

    /// <summary>The number that is the found frame's record.</summary>
    public ulong Number => new ByteReader(Record).ReadUInt64();

    /// <summary>Where the found frame's data begins.</summary>
    public long DataOffset => Offset + LogFrame.HeadLength + Frame.RecordLength;

    /// <summary>Goes on behind a frame.</summary>
    public void GoTo(long end) => End = end;

    /// <summary>Finds the next frame, whose record is in order. Its data isn't looked at.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryNext()
    {
        if (!LogFrame.TryRead(Bytes(End, LogFrame.HeadLength), segment.Seed, End, out var frame))
            return false;
        var record = Bytes(End + LogFrame.HeadLength, frame.RecordLength);
        if (record.Length < frame.RecordLength || Crc32C.Compute(record) != frame.RecordCheck)
            return false;
        (Frame, Offset) = (frame, End);
        End += frame.Length;
        return true;
    }

    /// <summary>Whether the found frame's data is in order.</summary>
    public bool IsDataWhole()
    {
        var data = Bytes(DataOffset, Frame.DataLength);
        return data.Length == Frame.DataLength && Crc32C.Compute(data) == Frame.DataCheck;
    }

    /// <summary>Looks for a mark behind an offset that says that more than what is before the offset was durable.</summary>
    /// <param name="offset">Where whole frames end.</param>
    /// <returns>What the mark says; 0 where there is none.</returns>
    public long FindMarkBehind(long offset)
    {
        var at = (offset + LogFrame.Alignment - 1) & -LogFrame.Alignment;
        while (true)
        {
            var bytes = Bytes(at, WindowLength / 2);
            if (bytes.Length < LogFrame.NumberLength)
                return 0;
            for (var i = 0; i <= bytes.Length - LogFrame.NumberLength; i += LogFrame.Alignment)
            {
                if (bytes[i + 20] != (byte)LogFrameKind.Mark || !LogFrame.TryRead(bytes[i..], segment.Seed, at + i, out var frame))
                    continue;
                var number = bytes.Slice(i + LogFrame.HeadLength, sizeof(ulong));
                if (Crc32C.Compute(number) == frame.RecordCheck && new ByteReader(number).ReadUInt64() is var mark && mark > (ulong)offset)
                    return (long)Math.Min(mark, long.MaxValue);
            }

            at += (bytes.Length - LogFrame.NumberLength + LogFrame.Alignment) & -LogFrame.Alignment;
        }
    }

    /// <summary>The fault of a file that should be whole.</summary>
    public FormatInvalidException Fault(string what) => new FormatInvalidException(what, End).In(segment.Path);

    // What the file has of a range.
    ReadOnlySpan<byte> Bytes(long offset, int length)
    {
        if (offset < _start || offset + length > _start + _length)
        {
            _start = offset;
            _length = PosixFile.PreadUpTo(segment.File!, _window, offset);
        }

        var at = (int)(offset - _start);
        return _window.AsSpan(at, Math.Min(length, _length - at));
    }
}
