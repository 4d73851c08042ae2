using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Http;

/// <summary>A failure as it goes over the wire (RFC 9457), so that it is the same exception at the other end.</summary>
/// <param name="Type">Which failure: one of the constants here.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="Detail">What went wrong, in one line.</param>
public sealed record HttpProblem(string Type, int Status, string Detail)
{
    /// <summary>The store can't answer.</summary>
    public const string Unavailable = "urn:vt:store-unavailable";

    /// <summary>The store has no room.</summary>
    public const string Full = "urn:vt:store-full";

    /// <summary>A block is damaged.</summary>
    public const string Corrupt = "urn:vt:block-corrupt";

    /// <summary>A block that is needed is missing.</summary>
    public const string Missing = "urn:vt:block-missing";

    /// <summary>What was asked for makes no sense.</summary>
    public const string Argument = "urn:vt:argument";

    /// <summary>The store can't do such a thing.</summary>
    public const string Unsupported = "urn:vt:unsupported";

    /// <summary>Whoever asks may not.</summary>
    public const string Forbidden = "urn:vt:forbidden";

    /// <summary>The server has been started anew since the request was made first.</summary>
    public const string Restarted = "urn:vt:restarted";

    /// <summary>There is nothing of that name.</summary>
    public const string NotFound = "urn:vt:not-found";

    /// <summary>The server is at fault.</summary>
    public const string Fault = "urn:vt:fault";

    /// <summary>Whether asking again later may help.</summary>
    public bool Transient { get; init; }

    /// <summary>The block that the failure is about, as text.</summary>
    public string? Hash { get; init; }

    /// <summary>The problem that an exception is.</summary>
    public static HttpProblem Of(Exception fault) => fault switch
    {
        StoreUnavailableException unavailable => new HttpProblem(Unavailable, 503, unavailable.Message) { Transient = unavailable.IsTransient },
        StoreFullException full => new HttpProblem(Full, 507, full.Message),
        BlockCorruptException corrupt => new HttpProblem(Corrupt, 500, corrupt.Message) { Hash = corrupt.Hash.ToString() },
        BlockMissingException missing => new HttpProblem(Missing, 500, missing.Message) { Hash = missing.Hash.ToString() },
        FormatInvalidException => new HttpProblem(Argument, 400, fault.Message),
        ArgumentException => new HttpProblem(Argument, 400, fault.Message),
        UserErrorException => new HttpProblem(NotFound, 404, fault.Message),
        NotSupportedException => new HttpProblem(Unsupported, 501, fault.Message),
        _ => new HttpProblem(Fault, 500, "the server failed; its log says how"),
    };

    /// <summary>Reads a body.</summary>
    /// <returns>Null where it is no such thing.</returns>
    public static HttpProblem? TryParse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, HttpStoreJson.Default.HttpProblem) is { Type: not null, Detail: not null } problem ? problem : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The exception that the problem is.</summary>
    /// <param name="store">The description of the store that is asked.</param>
    public Exception ToException(string store)
    {
        var named = BlockHash.TryParse(Hash, out var hash);
        return Type switch
        {
            Full => new StoreFullException(store, Detail),
            Corrupt when named => new BlockCorruptException(hash, store, Detail),
            Missing when named => new BlockMissingException(hash, store),
            Argument => new ArgumentException($"{store}: {Detail}"),
            Unsupported => new NotSupportedException($"{store}: {Detail}"),
            _ => new StoreUnavailableException(store, Detail, Transient),
        };
    }
}
