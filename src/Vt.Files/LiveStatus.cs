namespace Vt.Files;

/// <summary>How a live file system stands.</summary>
public sealed record LiveStatus
{
    /// <summary>How many written bytes wait in the log to be stored.</summary>
    public required long UnstoredBytes { get; init; }

    /// <summary>How many inodes are local: in no state of the archive.</summary>
    public required long LocalInodes { get; init; }

    /// <summary>How many bytes the local files have.</summary>
    public required long LocalBytes { get; init; }

    /// <summary>How many bytes the log's files have on the disk, those that are kept to be used again too.</summary>
    public required long LogFileBytes { get; init; }

    /// <summary>How many changes nobody has asked to be durable yet.</summary>
    public required long UnsyncedRecords { get; init; }

    /// <summary>How many inodes are in memory.</summary>
    public required int InodesInMemory { get; init; }

    /// <summary>How many checkpoints were made since the mount.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>How long the last one took.</summary>
    public required TimeSpan LastCheckpointDuration { get; init; }

    /// <summary>Whether the last attempt to store what has changed failed.</summary>
    public required bool IsStoringFailing { get; init; }

    /// <summary>How many bytes of large files were stored while they were written.</summary>
    public required long StoredEarlyBytes { get; init; }

    /// <summary>How many contents have a flat copy.</summary>
    public required int FlatCopies { get; init; }

    /// <summary>How long these are together, in bytes.</summary>
    public required long FlatBytes { get; init; }

    /// <summary>How many reads were served from them since the mount, not counting those that the kernel does by itself.</summary>
    public required long FlatReads { get; init; }

    /// <summary>What the caches have been good for since the mount: directories, what was read ahead, and the store's.</summary>
    public required IReadOnlyList<Blocks.Contracts.CacheFigures> Caches { get; init; }

    /// <summary>How far the store is behind with passing on what it took; null where it passes everything on at once.</summary>
    public Blocks.Contracts.StoreLag? Lag { get; init; }

    /// <summary>How many changes of an earlier mount were found in the log and done once more.</summary>
    public required long ReplayedRecords { get; init; }
}
