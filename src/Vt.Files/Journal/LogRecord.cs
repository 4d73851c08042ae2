namespace Vt.Files.Journal;

/// <summary>A record that is replayed.</summary>
readonly ref struct LogRecord
{
    /// <summary>What was appended; valid during the call only.</summary>
    public required ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>The epoch in which it was.</summary>
    public required uint Epoch { get; init; }

    /// <summary>Where its frame lies; ascends from record to record.</summary>
    public required LogPlace Position { get; init; }

    /// <summary>Where its data lies, on which nobody has a hold yet.</summary>
    public required LogPlace Data { get; init; }

    /// <summary>How many bytes of data it has; 0 for none.</summary>
    public required int DataLength { get; init; }

    /// <summary>
    /// Whether all bulk bytes that it names were durable. Where not, they are to be looked at with <see cref="LiveLog.VerifyBulk"/>: the machine may
    /// have stopped before they were on the disk, and then nobody was told that they are.
    /// </summary>
    public required bool IsDurable { get; init; }
}
