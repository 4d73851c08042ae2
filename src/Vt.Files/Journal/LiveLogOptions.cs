using Vt.Blocks.Contracts;

namespace Vt.Files.Journal;

/// <summary>How a log uses its folder. Sizes are in bytes.</summary>
sealed record LiveLogOptions
{
    /// <summary>How large a log file gets before the next is begun.</summary>
    public long FileSize { get; init; } = 64 << 20;

    /// <summary>How large a bulk file gets before the next is begun.</summary>
    public long BulkSize { get; init; } = 64 << 20;

    /// <summary>How far ahead of need a log file's bytes are written with zeros, at most: a sync of bytes that were written before is twice as fast.</summary>
    public long ReserveStep { get; init; } = 8 << 20;

    /// <summary>How many bytes of records wait in a buffer; there are <see cref="LiveLog.Buffers"/> of them.</summary>
    public int BufferSize { get; init; } = 1 << 20;

    /// <summary>How many old log files are kept to be used again.</summary>
    public int Spares { get; init; } = 2;

    /// <summary>How many bytes all files together may take; more is ENOSPC.</summary>
    public long Limit { get; init; } = long.MaxValue;

    /// <summary>
    /// So much is made durable at an epoch's end in order to have bulk files go at once that nobody needs. Where more would have to be they wait for the next epoch's end.
    /// </summary>
    public long CheapSync { get; init; } = 16 << 20;

    /// <summary>Whether files are made larger by a task ahead of need; otherwise it is done by whoever appends.</summary>
    public bool GrowsInBackground { get; init; } = true;

    /// <summary>The crash tests' hook.</summary>
    public WriteBoundary Boundary { get; init; } = new(null);
}
