using System.Buffers;
using System.Text;

namespace Vt.Posix;

/// <summary>
/// A path with the NUL behind it that the kernel wants: in the caller's stack room where it fits, else in a pooled array until disposal.
/// </summary>
ref struct NativePath
{
    /// <summary>How much room callers set aside, in bytes: nearly every path fits.</summary>
    public const int StackRoom = 512;

    byte[]? _rented;
    readonly Span<byte> _bytes;

    public NativePath(ReadOnlySpan<byte> path, Span<byte> room)
    {
        _bytes = Place(path.Length, room, out _rented);
        path.CopyTo(_bytes);
        _bytes[path.Length] = 0;
        HasNul = path.Contains((byte)0);
    }

    public NativePath(string path, Span<byte> room)
    {
        var length = Encoding.UTF8.GetByteCount(path);
        _bytes = Place(length, room, out _rented);
        Encoding.UTF8.GetBytes(path, _bytes);
        _bytes[length] = 0;
        HasNul = path.Contains('\0', StringComparison.Ordinal);
    }

    /// <summary>Whether the path has a NUL inside, so that the kernel would see another, shorter path.</summary>
    public bool HasNul { get; }

    public readonly ref readonly byte GetPinnableReference() => ref _bytes.GetPinnableReference();

    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
    }

    static Span<byte> Place(int length, Span<byte> room, out byte[]? rented)
    {
        rented = length < room.Length ? null : ArrayPool<byte>.Shared.Rent(length + 1);
        return rented is null ? room : rented;
    }
}
