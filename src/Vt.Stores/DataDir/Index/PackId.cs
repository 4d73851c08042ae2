using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vt.Stores.DataDir.Index;

/// <summary>The name of a pack: 128 random bits, so that processes that share a DataDir never have to agree on a number.</summary>
/// <remarks>The binary form is the 16 bytes in order; the text form is 32 lower-case hexadecimal digits.</remarks>
/// <param name="High">The first eight bytes, as a big-endian number.</param>
/// <param name="Low">The last eight bytes, as a big-endian number.</param>
public readonly record struct PackId(ulong High, ulong Low) : IComparable<PackId>
{
    /// <summary>The binary form's length in bytes.</summary>
    public const int Length = 16;

    /// <summary>Reads the binary form from the first <see cref="Length"/> bytes.</summary>
    public static PackId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Writes the binary form into the first <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <summary>A fresh name from the system's random source.</summary>
    public static PackId Create()
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    /// <summary>Reads the text form.</summary>
    /// <returns>Whether <paramref name="text"/> was exactly such a form.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out PackId pack)
    {
        Span<byte> bytes = stackalloc byte[Length];
        pack = default;
        if (text.Length != Length * 2 || text.ContainsAnyInRange('A', 'F')
            || Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        pack = Read(bytes);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(PackId other)
    {
        var high = High.CompareTo(other.High);
        return high != 0 ? high : Low.CompareTo(other.Low);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{High:x16}{Low:x16}";

    /// <summary>Whether the left name sorts first.</summary>
    public static bool operator <(PackId left, PackId right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left name sorts first or is the same.</summary>
    public static bool operator <=(PackId left, PackId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left name sorts last.</summary>
    public static bool operator >(PackId left, PackId right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left name sorts last or is the same.</summary>
    public static bool operator >=(PackId left, PackId right) => left.CompareTo(right) >= 0;
}
