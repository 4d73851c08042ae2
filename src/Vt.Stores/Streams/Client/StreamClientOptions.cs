using Vt.Stores.Streams.Transport;

namespace Vt.Stores.Streams.Client;

/// <summary>How a store at the other end of a line is used.</summary>
public sealed record StreamClientOptions
{
    /// <summary>Which of the server's stores; empty for its first.</summary>
    public string Export { get; init; } = "";

    /// <summary>The secret that both sides share; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>How long calls wait for a line that was lost, or can't be made, before they fail.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many lines are held to the server at a time, each of which has its own share of what is under way on the way there.</summary>
    public int Lines { get; init; } = 1;

    /// <summary>Makes further lines, which hang on those that are there and may all be refused; null for none.</summary>
    public ILineConnector? Beside { get; init; }

    /// <summary>How many lines there are of <see cref="Beside"/>.</summary>
    public int LinesBeside { get; init; }

    /// <summary>Whether blocks are offered by name before their bytes are sent.</summary>
    public AskPolicy Asks { get; init; }

    /// <summary>Whether the line may be a long one.</summary>
    public bool IsDistant { get; init; }

    /// <summary>How many bytes of blocks are kept until they are durable at the server, so that a restart of it costs nothing.</summary>
    public long Unflushed { get; init; } = 32 << 20;

    /// <summary>The clock of waiting.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
