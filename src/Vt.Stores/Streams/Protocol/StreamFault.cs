using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Streams.Protocol;

/// <summary>A failure on its way: the exceptions of the stores' contract, and what only this protocol knows.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Message">What went wrong, in one line.</param>
/// <param name="Hash">The damaged block, where it is that; otherwise none.</param>
public sealed record StreamFault(StreamFaultKind Kind, string Message, BlockHash Hash = default)
{
    const int LongestMessage = 4096;

    /// <summary>What a request failed with.</summary>
    public static StreamFault Of(Exception fault) => fault switch
    {
        BlockCorruptException corrupt => new(StreamFaultKind.Corrupt, corrupt.Message, corrupt.Hash),
        StoreFullException => new(StreamFaultKind.Full, fault.Message),
        StoreUnavailableException unavailable => new(unavailable.IsTransient ? StreamFaultKind.UnavailableNow : StreamFaultKind.Unavailable, fault.Message),
        ArgumentException or FormatInvalidException => new(StreamFaultKind.Invalid, fault.Message),
        NotSupportedException => new(StreamFaultKind.Unsupported, fault.Message),
        UserErrorException => new(StreamFaultKind.Refused, fault.Message),
        OperationCanceledException => new(StreamFaultKind.Cancelled, "cancelled"),
        _ => new(StreamFaultKind.Other, $"{fault.GetType().Name}: {fault.Message}"),
    };

    /// <summary>The exception that the same failure of a store at hand would have been.</summary>
    /// <param name="store">The store's description.</param>
    public Exception ToException(string store) => Kind switch
    {
        StreamFaultKind.Corrupt => new BlockCorruptException(Hash, store, Message),
        StreamFaultKind.Full => new StoreFullException(store, Message),
        StreamFaultKind.Invalid => new ArgumentException($"{store}: {Message}"),
        StreamFaultKind.Garbled => new GarbledException(Message),
        StreamFaultKind.Unsupported => new NotSupportedException($"{store}: {Message}"),
        StreamFaultKind.UnavailableNow or StreamFaultKind.Busy or StreamFaultKind.Cancelled =>
            new StoreUnavailableException(store, Message, isTransient: true),
        _ => new StoreUnavailableException(store, Message),
    };

    /// <summary>Writes it as the meta of a frame.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Kind);
        WireText.Write(writer, Message.Length > LongestMessage ? Message[..LongestMessage] : Message);
        if (Kind == StreamFaultKind.Corrupt)
            writer.WriteHash(Hash);
    }

    /// <summary>Reads the meta of a frame.</summary>
    /// <exception cref="FormatInvalidException">It is none.</exception>
    public static StreamFault Read(ReadOnlySpan<byte> meta)
    {
        var reader = new ByteReader(meta);
        var kind = (StreamFaultKind)reader.ReadByte();
        var message = WireText.Read(ref reader, LongestMessage * 4);
        if (kind == StreamFaultKind.Corrupt)
            return new StreamFault(kind, message, reader.ReadHash());
        return new StreamFault(Enum.IsDefined(kind) ? kind : StreamFaultKind.Other, message);
    }
}
