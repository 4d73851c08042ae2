using System.Buffers.Binary;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.DataDir.Packs;

/// <summary>A block's row in a frame's header: digest 32, length 4, content kind 1, zero 3.</summary>
/// <param name="Hash">The block's name.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Content">What it is for.</param>
readonly record struct FrameBlock(BlockHash Hash, int Length, BlockContent Content)
{
    public const int Size = 40;

    /// <summary>Reads a row.</summary>
    /// <exception cref="FormatInvalidException">The row makes no sense.</exception>
    public static FrameBlock Read(ReadOnlySpan<byte> bytes, HashAlgorithmId algorithm) =>
        new(new BlockHash(algorithm, bytes[..BlockHash.MaxDigestLength]), CheckedLengthOf(bytes), (BlockContent)bytes[36]);

    /// <summary>The length, of a row that makes sense.</summary>
    /// <exception cref="FormatInvalidException">It makes none.</exception>
    public static int CheckedLengthOf(ReadOnlySpan<byte> row)
    {
        var length = LengthOf(row);
        return length is < 0 or > FrameHeader.LongestPayload || row[36] > (byte)BlockContent.Tree || row[37..Size].ContainsAnyExcept((byte)0)
            ? throw new FormatInvalidException($"a frame's block claims {length} bytes of content kind {row[36]}")
            : length;
    }

    /// <summary>The length alone, of a row that was checked.</summary>
    public static int LengthOf(ReadOnlySpan<byte> row) => BinaryPrimitives.ReadInt32LittleEndian(row[32..]);

    /// <summary>Writes a row.</summary>
    public static void Write(Span<byte> bytes, in BlockHash hash, int length, BlockContent content)
    {
        hash.Digest.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], length);
        bytes[36] = (byte)content;
        bytes[37..40].Clear();
    }
}
