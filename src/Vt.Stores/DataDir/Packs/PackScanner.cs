using System.Buffers;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Packs;

/// <summary>
/// Goes through a range of a pack frame by frame. Where no whole frame stands it searches for the next sync marker, so that damage costs the
/// frames that it hit. Bytes are read a window at a time. Not thread-safe.
/// </summary>
sealed class PackScanner : IDisposable
{
    const int Window = 1 << 20;
    const int LongestFrame = FrameHeader.LongestHeader + FrameHeader.LongestPayload + FrameHeader.Alignment;

    readonly FileDescriptor _file;
    readonly uint _seed;
    readonly bool _checkPayloads;
    readonly long _end;
    readonly byte[] _window;
    long _windowStart;
    int _windowLength;
    long _next;

    /// <summary>Prepares for a range.</summary>
    /// <param name="file">The pack; stays the caller's.</param>
    /// <param name="seed">The pack's <see cref="PackHeader.FrameSeed"/>.</param>
    /// <param name="start">Where to start; a multiple of 8.</param>
    /// <param name="end">Where to stop: the file's length, or where the table of contents starts.</param>
    /// <param name="checkPayloads">Whether a frame whose payload does not match its checksum is no frame. Without, payloads are not read.</param>
    public PackScanner(FileDescriptor file, uint seed, long start, long end, bool checkPayloads)
    {
        _file = file;
        _seed = seed;
        _end = end;
        _checkPayloads = checkPayloads;
        _next = start;
        _window = ArrayPool<byte>.Shared.Rent(checkPayloads ? Window + LongestFrame : FrameHeader.LongestHeader + (64 << 10));
    }

    /// <summary>The frame that <see cref="MoveNext"/> found.</summary>
    public FoundFrame Frame { get; private set; }

    /// <summary>How many bytes before the frame, or before the end, belong to no whole frame.</summary>
    public long Skipped { get; private set; }

    /// <summary>What is wrong with the first of them; null where <see cref="Skipped"/> is 0.</summary>
    public FormatInvalidException? Fault { get; private set; }

    /// <summary>The found frame's header, rows included; valid until the next call.</summary>
    public ReadOnlySpan<byte> Header => Bytes(Frame.Offset, Frame.Header.HeaderSize);

    /// <summary>The found frame's payload; valid until the next call. Only when payloads are checked, and not of long fillers.</summary>
    public ReadOnlySpan<byte> Payload => Bytes(Frame.Offset + Frame.Header.HeaderSize, Frame.Header.StoredSize);

    /// <summary>Where the next search starts: right after the found frame, or the end.</summary>
    public long Position => _next;

    /// <summary>Goes to the next whole frame.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="PosixException">The file can't be read.</exception>
    public bool MoveNext(CancellationToken cancellationToken = default)
    {
        Skipped = 0;
        Fault = null;
        var start = _next;
        while (_next + FrameHeader.FixedSize <= _end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryFrameAt(_next, out var frame))
            {
                Frame = frame;
                Skipped = _next - start;
                _next += frame.Header.PaddedLength;
                return true;
            }

            _next = FindSync(_next + FrameHeader.Alignment);
        }

        _next = _end;
        Skipped = Math.Max(0, _end - start);
        if (Skipped > 0)
            Fault ??= new FormatInvalidException("no whole frame starts here", start);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_window);

    bool TryFrameAt(long offset, out FoundFrame frame)
    {
        frame = default;
        var bytes = Read(offset, FrameHeader.FixedSize);
        try
        {
            var size = FrameHeader.ClaimedHeaderSize(bytes);
            if (size > bytes.Length)
                bytes = Read(offset, size);
            var header = FrameHeader.Read(bytes, _seed, offset);
            if (offset + header.PaddedLength > _end)
                throw new FormatInvalidException("a frame is cut off");
            if (_checkPayloads && !PayloadMatches(offset, header))
                throw new FormatInvalidException("a frame's payload does not match its checksum", header.HeaderSize);
            frame = new FoundFrame(offset, header);
            return true;
        }
        catch (FormatInvalidException fault)
        {
            Fault ??= new FormatInvalidException(fault.What, offset + fault.Offset, fault);
            return false;
        }
    }

    bool PayloadMatches(long offset, in FrameHeader header)
    {
        if (header.Codec != FrameCodec.Filler)
        {
            var frame = Read(offset, (int)header.Length);
            return frame.Length == (int)header.Length && Crc32C.Compute(frame[header.HeaderSize..]) == header.PayloadCheck;
        }

        var check = 0u;
        for (long done = 0; done < header.StoredSize;)
        {
            var piece = Read(offset + header.HeaderSize + done, (int)Math.Min(Window, header.StoredSize - done));
            if (piece.IsEmpty)
                return false;
            check = Crc32C.Compute(piece, check);
            done += piece.Length;
        }

        return check == header.PayloadCheck;
    }

    /// <summary>The next offset from <paramref name="from"/> on, a multiple of 8, where a sync marker stands; the end where there is none.</summary>
    long FindSync(long from)
    {
        while (from + FrameHeader.FixedSize <= _end)
        {
            var bytes = Read(from, (int)Math.Min(_window.Length, _end - from));
            if (bytes.Length < FrameHeader.Sync.Length)
                return _end;
            var at = bytes.IndexOf(FrameHeader.Sync);
            if (at >= 0 && at % FrameHeader.Alignment == 0)
                return from + at;

            // A marker may straddle the window's end; one at an odd place is data.
            var passed = at >= 0 ? at + FrameHeader.Alignment : bytes.Length - FrameHeader.Sync.Length + 1;
            from += Math.Max(FrameHeader.Alignment, passed & -FrameHeader.Alignment);
        }

        return _end;
    }

    /// <summary>Bytes of the pack, fewer where it ends; valid until the next call.</summary>
    ReadOnlySpan<byte> Read(long offset, int length)
    {
        length = (int)Math.Min(length, Math.Max(0, _end - offset));
        if (offset < _windowStart || offset + length > _windowStart + _windowLength)
        {
            _windowStart = offset;
            var wanted = (int)Math.Min(_checkPayloads ? _window.Length : Math.Max(length, 4 << 10), _end - offset);
            _windowLength = PosixFile.PreadUpTo(_file, _window.AsSpan(0, wanted), offset);
        }

        return Bytes(offset, (int)Math.Min(length, Math.Max(0, _windowStart + _windowLength - offset)));
    }

    Span<byte> Bytes(long offset, int length) => _window.AsSpan((int)(offset - _windowStart), length);
}
