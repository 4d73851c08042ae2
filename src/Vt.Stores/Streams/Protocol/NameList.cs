using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Streams.Protocol;

/// <summary>Blocks' names in a frame's meta: how many, and their digests; both sides know the algorithm.</summary>
public static class NameList
{
    /// <summary>Writes names.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="hashes">The names, all of one algorithm.</param>
    public static void Write(ByteWriter writer, ReadOnlySpan<BlockHash> hashes)
    {
        writer.WriteVarint((ulong)hashes.Length);
        foreach (ref readonly var hash in hashes)
            writer.WriteBytes(hash.Digest);
    }

    /// <summary>Reads names.</summary>
    /// <param name="meta">The frame's meta.</param>
    /// <param name="algorithm">The names' algorithm.</param>
    /// <param name="most">How many there may be.</param>
    /// <exception cref="FormatInvalidException">It is none, or there are more.</exception>
    public static BlockHash[] Read(ReadOnlySpan<byte> meta, HashAlgorithmId algorithm, int most)
    {
        var reader = new ByteReader(meta);
        var hashes = new BlockHash[reader.ReadLength(most)];
        var length = HashAlgorithms.DigestLength(algorithm);
        for (var i = 0; i < hashes.Length; i++)
            hashes[i] = new BlockHash(algorithm, reader.ReadBytes(length));
        return hashes;
    }

    /// <summary>How many names there are.</summary>
    /// <param name="meta">The frame's meta.</param>
    public static int CountOf(ReadOnlySpan<byte> meta) => new ByteReader(meta).ReadLength(StreamLimits.MostNames);
}
