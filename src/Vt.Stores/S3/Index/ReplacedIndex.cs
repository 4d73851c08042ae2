using System.Buffers.Binary;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.S3.Index;

/// <summary>An index object whose content is in another one too.</summary>
/// <param name="Id">The object.</param>
/// <param name="Since">
/// Since when there is one that has its content, in seconds since 1970 by the server's clock; 0 where the object that says so is the first.
/// </param>
readonly record struct ReplacedIndex(PackId Id, long Since)
{
    /// <summary>The binary form's length in bytes.</summary>
    public const int Size = PackId.Length + 8;

    /// <summary>Reads the binary form from the first <see cref="Size"/> bytes.</summary>
    public static ReplacedIndex Read(ReadOnlySpan<byte> bytes) => new(PackId.Read(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[PackId.Length..]));

    /// <summary>Writes the binary form into the first <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        Id.Write(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[PackId.Length..], Since);
    }
}
