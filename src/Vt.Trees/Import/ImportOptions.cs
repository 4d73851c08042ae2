namespace Vt.Trees.Import;

/// <summary>What an import takes and how.</summary>
public sealed record ImportOptions
{
    /// <summary>Which names are taken; null takes all.</summary>
    public FilterRules? Filter { get; init; }

    /// <summary>Whether names that are gone from the source go from the tree too; otherwise they stay as they were.</summary>
    public bool Delete { get; init; }

    /// <summary>With <see cref="Delete"/>: whether names that the filter leaves out go as well; otherwise it protects them.</summary>
    public bool DeleteExcluded { get; init; }

    /// <summary>Whether every file is read again, although size, times and inode are those of the previous state.</summary>
    public bool RereadAll { get; init; }

    /// <summary>Whether mount points below the source are left out; they become directories without what is mounted there.</summary>
    public bool OneFileSystem { get; init; }

    /// <summary>Directories that are never entered, by path: the store that is written to above all.</summary>
    public IReadOnlyList<string> SkippedDirectories { get; init; } = [];

    /// <summary>
    /// Whether symbolic links below the source are taken as what they lead to; those that lead nowhere, or to a folder that they lie in, stay links.
    /// </summary>
    public bool FollowSymlinks { get; init; }

    /// <summary>
    /// Which folders may have changed, by path below the source, those above them included; others stay as the previous state has them and are not looked at.
    /// Null where all may have. A file with several names that has changed ends such an import with <see cref="ImportResult.NeedsAll"/>.
    /// </summary>
    public Func<byte[], bool>? Scope { get; init; }

    /// <summary>Where the content of files is only to be known and not stored: who knows it; null to store it as everything else.</summary>
    public IFilesInPlace? InPlace { get; init; }

    /// <summary>The clock, for the times of folders above the place that something comes to.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How many files are read, hashed and stored at a time; where null, as many as there are processors, and more where they wait for a distant store.</summary>
    public int? Workers { get; init; }

    /// <summary>Counts while the import goes on, for whoever shows progress; null where nobody does.</summary>
    public ImportCounters? Counters { get; init; }

    /// <summary>Told of each thing that could not be taken as it is, in the order of the tree, from one thread at a time.</summary>
    public Action<ImportIssue>? OnIssue { get; init; }
}
