namespace Vt.Posix;

/// <summary>What a stream of zstd frames stands for, read from its start to its end. One thread at a time.</summary>
/// <param name="input">The frames; disposed with this.</param>
public sealed class ZstdReadStream(Stream input) : Stream
{
    const int Window = 128 << 10;

    readonly byte[] _input = new byte[Window];
    nint _context = Zstd.Create(compression: false);
    int _start;
    int _end;
    bool _isInFrame;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A frame is damaged, or the stream ends within one.</exception>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc cref="Read(byte[], int, int)"/>
    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var got = Decompress(buffer);
            if (got > 0)
                return got;
            if (_start == _end && !Fill(input.Read(_input)))
                return 0;
        }

        return 0;
    }

    /// <inheritdoc cref="Read(byte[], int, int)"/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var got = Decompress(buffer.Span);
            if (got > 0)
                return got;
            if (_start == _end && !Fill(await input.ReadAsync(_input, cancellationToken)))
                return 0;
        }

        return 0;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _context, 0) is not 0 and var context)
            _ = Zstd.ZSTD_freeDCtx(context);
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }

    bool Fill(int got)
    {
        (_start, _end) = (0, got);
        return got > 0 || (_isInFrame ? throw new InvalidDataException("the zstd stream ends within a frame") : false);
    }

    // 0 where more input is needed.
    unsafe int Decompress(Span<byte> target)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        fixed (byte* from = _input)
        fixed (byte* to = target)
        {
            var source = new Zstd.Buffer { Data = from, Size = (nuint)_end, Position = (nuint)_start };
            var output = new Zstd.Buffer { Data = to, Size = (nuint)target.Length };

            // Without input too: what did not fit the last time comes now.
            var result = _isInFrame || _start < _end ? Zstd.ZSTD_decompressStream(_context, &output, &source) : 1;
            if (Zstd.ErrorCode(result) != 0)
                throw new InvalidDataException($"the zstd stream is damaged: {Zstd.ErrorText(result)}");
            if (_isInFrame || _start < _end)
                _isInFrame = result != 0;
            _start = (int)source.Position;
            return (int)output.Position;
        }
    }
}
