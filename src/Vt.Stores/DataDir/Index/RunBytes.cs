using Vt.Posix;

namespace Vt.Stores.DataDir.Index;

/// <summary>A run's bytes: mapped from a file, or an array. Spans are valid until <see cref="Dispose"/>.</summary>
sealed class RunBytes : IDisposable
{
    // A multiple of every page size.
    const long MapAlignment = 64 << 10;

    readonly MemoryMap? _map;
    readonly byte[] _array;
    readonly long _start;

    RunBytes(MemoryMap? map, byte[] array, long start, long length)
    {
        _map = map;
        _array = array;
        _start = start;
        Length = length;
    }

    /// <summary>How many bytes there are.</summary>
    public long Length { get; }

    /// <summary>Whether they are an array.</summary>
    public bool IsMemory => _map is null;

    /// <summary>Maps a part of a file.</summary>
    /// <exception cref="PosixException">The file can't be opened or mapped, or ends before the part does.</exception>
    public static RunBytes Map(RunPlace place)
    {
        using var file = PosixFile.Open(place.Path, OpenFlags.O_RDONLY);
        if (place.Offset < 0 || place.Length < 0 || PosixFile.Fstat(file).Size - place.Length < place.Offset)
            throw new PosixException(Errno.EINVAL, "mmap", place.Path);
        var start = place.Offset % MapAlignment;
        return new RunBytes(new MemoryMap(file, place.Offset - start, start + place.Length), [], start, place.Length);
    }

    /// <summary>Takes bytes that must not change any more.</summary>
    public static RunBytes Of(byte[] bytes) => new(null, bytes, 0, bytes.Length);

    /// <summary>Bytes in place.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length) =>
        _map is null ? _array.AsSpan(checked((int)offset), length) : _map.Span(_start + offset, length);

    public void Dispose() => _map?.Dispose();
}
