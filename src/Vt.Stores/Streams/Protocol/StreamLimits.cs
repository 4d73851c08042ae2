using Vt.Blocks.Chunking;

namespace Vt.Stores.Streams.Protocol;

/// <summary>What either side holds the other to. A frame that is over a limit ends the connection before anything is allocated for it.</summary>
public static class StreamLimits
{
    /// <summary>The oldest version of the protocol that is spoken here.</summary>
    public const int OldestVersion = 1;

    /// <summary>The newest one.</summary>
    public const int NewestVersion = 1;

    /// <summary>The longest part of a frame that is no blocks, in bytes: three texts of a reference, each as long as they may be.</summary>
    public const int LargestMeta = 10 << 20;

    /// <summary>The longest part that is blocks, in bytes.</summary>
    public const int LargestBulk = 2 * ChunkingParameters.LargestBlock;

    /// <summary>How long a frame may be before a client has shown who it is, in bytes.</summary>
    public const int LargestGreeting = 4 << 10;

    /// <summary>How many blocks' bytes are put into one frame, where more than one goes in.</summary>
    public const int BulkTarget = 1 << 20;

    /// <summary>How many names go into one request.</summary>
    public const int MostNames = 4096;

    /// <summary>How many blocks one request reads.</summary>
    public const int MostReads = 256;

    /// <summary>How many requests of a connection a server works on at a time; more are left in the socket.</summary>
    public const int MostRequests = 32;

    /// <summary>How many frames of an answer are sent before the client has to ask for more, where an answer has no bound.</summary>
    public const int Window = 8;

    /// <summary>The longest name of an export, in characters.</summary>
    public const int LongestExport = 64;

    /// <summary>How long a side that waits for an answer hears nothing before it asks whether anybody is there.</summary>
    public static TimeSpan PingAfter { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it hears nothing before the connection counts as lost.</summary>
    public static TimeSpan SilenceLimit { get; } = TimeSpan.FromSeconds(30);
}
