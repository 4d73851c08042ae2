using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Streams.Protocol;

/// <summary>A server's answer to a client that may come in.</summary>
public sealed record Welcome
{
    const int LongestDescription = 1024;

    /// <summary>The version that both speak from here on.</summary>
    public required int Version { get; init; }

    /// <summary>One opened store's own; another one means that what was added and not flushed may be gone.</summary>
    public required Guid Instance { get; init; }

    /// <summary>What names the store at the server.</summary>
    public required string Description { get; init; }

    /// <summary>What the client may do.</summary>
    public required ExportAccess Access { get; init; }

    /// <summary>What the store can do besides keeping blocks.</summary>
    public required StoreFeatures Features { get; init; }

    /// <summary>The algorithm of the store's names.</summary>
    public required HashAlgorithmId Hash { get; init; }

    /// <summary>How the store's writers cut.</summary>
    public required ChunkingParameters Chunking { get; init; }

    /// <summary>How many requests of this connection the server works on at a time.</summary>
    public int MostRequests { get; init; } = StreamLimits.MostRequests;

    /// <summary>How much the store holds now; null where it doesn't know.</summary>
    public StoreCapacity? Capacity { get; init; }

    /// <summary>The server's proof that it knows the secret; empty where none was asked for.</summary>
    public ReadOnlyMemory<byte> Proof { get; init; }

    /// <summary>Writes it as the meta of a frame.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)Version);
        writer.WriteBytes(Instance.ToByteArray());
        WireText.Write(writer, Description.Length > LongestDescription / 4 ? Description[..(LongestDescription / 4)] : Description);
        writer.WriteByte((byte)Access);
        writer.WriteVarint((ulong)Features);
        writer.WriteByte((byte)Hash);
        writer.WriteVarint((ulong)Chunking.Rule);
        writer.WriteVarint((ulong)Chunking.Minimum);
        writer.WriteVarint((ulong)Chunking.Average);
        writer.WriteVarint((ulong)Chunking.Maximum);
        writer.WriteVarint((ulong)MostRequests);
        writer.WriteData(Proof.Span);
        AddAnswer.WriteCapacity(writer, Capacity);
    }

    /// <summary>Reads the meta of a frame. What a newer server adds behind is passed over.</summary>
    /// <exception cref="FormatInvalidException">It is none, or promises what can't be.</exception>
    public static Welcome Read(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        var welcome = new Welcome
        {
            Version = reader.ReadLength(int.MaxValue),
            Instance = new Guid(reader.ReadBytes(16)),
            Description = WireText.Read(ref reader, LongestDescription),
            Access = (ExportAccess)reader.ReadByte(),
            Features = (StoreFeatures)reader.ReadLength(int.MaxValue),
            Hash = (HashAlgorithmId)reader.ReadByte(),
            Chunking = new ChunkingParameters
            {
                Rule = reader.ReadLength(int.MaxValue),
                Minimum = reader.ReadLength(ChunkingParameters.LargestBlock),
                Average = reader.ReadLength(ChunkingParameters.LargestBlock),
                Maximum = reader.ReadLength(ChunkingParameters.LargestBlock),
            },
            MostRequests = reader.ReadLength(1 << 16),
            Proof = reader.ReadData().ToArray(),
            Capacity = AddAnswer.ReadCapacity(ref reader),
        };
        if (!Enum.IsDefined(welcome.Access))
            throw new FormatInvalidException($"the server grants access of kind {(int)welcome.Access}, which is not known here");
        if (HashAlgorithms.DigestLength(welcome.Hash) == 0)
            throw new FormatInvalidException($"the server's store has hashes of algorithm {(int)welcome.Hash}, which is not known here");
        if (welcome.Chunking is not { Rule: 1, Minimum: > 0 } cuts || cuts.Minimum > cuts.Average || cuts.Average > cuts.Maximum)
            throw new FormatInvalidException("the server's store cuts content by a rule that is not known here");
        return welcome with { MostRequests = Math.Max(1, welcome.MostRequests) };
    }
}
