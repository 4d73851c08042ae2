using Vt.Posix;

namespace Vt.Stores.DataDir.Index;

/// <summary>A run's bytes: mapped from a file, or an array. Spans are valid until <see cref="Dispose"/>.</summary>
sealed class RunBytes : IDisposable
{
    readonly MemoryMap? _map;
    readonly byte[] _array;

    RunBytes(MemoryMap? map, byte[] array, long length)
    {
        _map = map;
        _array = array;
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
        using var file = Files.Open(place.Path, OpenFlags.O_RDONLY);
        return new RunBytes(MemoryMap.Open(file, place.Offset, place.Length), [], place.Length);
    }

    /// <summary>Takes bytes that must not change any more.</summary>
    public static RunBytes Of(byte[] bytes) => new(null, bytes, bytes.Length);

    /// <summary>Bytes in place.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length) =>
        _map is null ? _array.AsSpan(checked((int)offset), length) : _map.Span(offset, length);

    public void Dispose() => _map?.Dispose();
}
