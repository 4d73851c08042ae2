using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Vt.Output;

/// <summary>
/// Writes results: text as UTF-8, names as the bytes that they are, JSON. Holds up to 64 KiB back, so that a listing costs few
/// system calls; the program flushes it at the end, and it never writes to a stream again that failed.
/// </summary>
/// <param name="stream">Where it goes; not closed.</param>
sealed class ResultWriter(Stream stream) : IBufferWriter<byte>, IDisposable
{
    const int BufferSize = 64 << 10;

    byte[] _buffer = new byte[BufferSize];
    int _used;
    Utf8JsonWriter? _json;

    /// <summary>Writes text.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var piece = text[..Math.Min(text.Length, BufferSize / 4)];
            if (piece.Length < text.Length && char.IsHighSurrogate(piece[^1]))
                piece = piece[..^1];
            var room = GetSpan(Encoding.UTF8.GetMaxByteCount(piece.Length));
            _used += Encoding.UTF8.GetBytes(piece, room);
            text = text[piece.Length..];
        }
    }

    /// <summary>Writes text and ends the line.</summary>
    public void WriteLine(ReadOnlySpan<char> text = default)
    {
        Write(text);
        Write("\n");
    }

    /// <summary>Writes bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= BufferSize)
        {
            Flush();
            Hand(bytes);
            return;
        }

        bytes.CopyTo(GetSpan(bytes.Length));
        _used += bytes.Length;
    }

    /// <summary>Starts a JSON value; <see cref="EndJson"/> ends it and its line.</summary>
    public Utf8JsonWriter BeginJson()
    {
        if (_json is null)
            _json = new Utf8JsonWriter(this, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        else
            _json.Reset();
        return _json;
    }

    /// <summary>Ends the JSON value and the line.</summary>
    public void EndJson()
    {
        _json?.Flush();
        Write("\n");
    }

    /// <summary>Hands on what is held back.</summary>
    public void Flush()
    {
        var used = _used;
        _used = 0;
        Hand(_buffer.AsSpan(0, used));
    }

    /// <inheritdoc/>
    /// <remarks>What is held back is dropped: after a failure there is nobody to take it.</remarks>
    public void Dispose() => _json?.Dispose();

    /// <inheritdoc/>
    public void Advance(int count) => _used += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_used);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_used);
    }

    void Hand(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (!bytes.IsEmpty)
                stream.Write(bytes);
            stream.Flush();
        }
        catch (IOException failed)
        {
            throw new IOException($"standard output can't be written: {failed.Message}", failed);
        }
    }

    void Reserve(int size)
    {
        size = Math.Max(size, 1);
        if (_buffer.Length - _used >= size)
            return;
        Flush();
        if (_buffer.Length < size)
            _buffer = new byte[size];
    }
}
