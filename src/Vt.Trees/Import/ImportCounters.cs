using Vt.Blocks.Contracts;

namespace Vt.Trees.Import;

/// <summary>Numbers that an import keeps up to date; readable from any thread at any time.</summary>
public sealed class ImportCounters
{
    long _directories;
    long _entries;
    long _bytesFound;
    long _filesRead;
    long _bytesRead;
    long _unchangedFiles;
    long _unchangedBytes;
    long _issues;
    long _newBlocks;
    long _newBytes;
    long _storedBytes;
    long _knownBlocks;
    long _knownBytes;

    /// <summary>Directories that were entered.</summary>
    public long Directories => Volatile.Read(ref _directories);

    /// <summary>Names other than directories that were found and not left out.</summary>
    public long Entries => Volatile.Read(ref _entries);

    /// <summary>The sizes of all files found, in bytes.</summary>
    public long BytesFound => Volatile.Read(ref _bytesFound);

    /// <summary>Files whose content was read.</summary>
    public long FilesRead => Volatile.Read(ref _filesRead);

    /// <summary>Bytes of content that were read, holes included.</summary>
    public long BytesRead => Volatile.Read(ref _bytesRead);

    /// <summary>Files that are as the previous state has them and were not opened.</summary>
    public long UnchangedFiles => Volatile.Read(ref _unchangedFiles);

    /// <summary>Their sizes, in bytes.</summary>
    public long UnchangedBytes => Volatile.Read(ref _unchangedBytes);

    /// <summary>Things that could not be taken as they are.</summary>
    public long Issues => Volatile.Read(ref _issues);

    /// <summary>What became of the blocks of files so far.</summary>
    public AddCounts Blocks => new(
        Volatile.Read(ref _newBlocks),
        Volatile.Read(ref _newBytes),
        Volatile.Read(ref _storedBytes),
        Volatile.Read(ref _knownBlocks),
        Volatile.Read(ref _knownBytes));

    /// <summary>Counts what was found anew; what was stored stays stored.</summary>
    internal void Restart()
    {
        Volatile.Write(ref _directories, 0);
        Volatile.Write(ref _entries, 0);
        Volatile.Write(ref _bytesFound, 0);
        Volatile.Write(ref _filesRead, 0);
        Volatile.Write(ref _bytesRead, 0);
        Volatile.Write(ref _unchangedFiles, 0);
        Volatile.Write(ref _unchangedBytes, 0);
        Volatile.Write(ref _issues, 0);
    }

    internal void CountDirectory() => Interlocked.Increment(ref _directories);

    internal void CountEntry(long bytes)
    {
        Interlocked.Increment(ref _entries);
        Interlocked.Add(ref _bytesFound, bytes);
    }

    internal void CountUnchanged(long bytes)
    {
        Interlocked.Increment(ref _unchangedFiles);
        Interlocked.Add(ref _unchangedBytes, bytes);
    }

    internal void CountFile() => Interlocked.Increment(ref _filesRead);

    internal void CountBytes(long bytes) => Interlocked.Add(ref _bytesRead, bytes);

    internal void CountIssue() => Interlocked.Increment(ref _issues);

    internal void CountBlocks(in AddCounts counts)
    {
        Interlocked.Add(ref _newBlocks, counts.NewBlocks);
        Interlocked.Add(ref _newBytes, counts.NewBytes);
        Interlocked.Add(ref _storedBytes, counts.StoredBytes);
        Interlocked.Add(ref _knownBlocks, counts.KnownBlocks);
        Interlocked.Add(ref _knownBytes, counts.KnownBytes);
    }
}
