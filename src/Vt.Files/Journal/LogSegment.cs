using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>A log or bulk file, and how many of its bytes somebody has a hold on. Counting is safe from any thread.</summary>
/// <param name="header">What its header says, or will say.</param>
/// <param name="path">Where it lies.</param>
/// <param name="file">The file; null where a record names one that isn't there.</param>
sealed class LogSegment(LogHeader header, string path, FileDescriptor? file) : IDisposable
{
    long _held;
    long _reserved;
    long _writtenTo;
    int _isDirty;
    int _isSealed;
    int _isQueued;

    /// <summary>What its header says, or will say.</summary>
    public LogHeader Header { get; } = header;

    /// <summary>What the checksums of its frames go on from.</summary>
    public uint Seed { get; } = header.Seed;

    /// <summary>Where it lies.</summary>
    public string Path { get; private set; } = path;

    /// <summary>The file; null where a record names one that isn't there.</summary>
    public FileDescriptor? File { get; } = file;

    /// <summary>The file's number.</summary>
    public uint Number => Header.Number;

    /// <summary>Whether it is a bulk file.</summary>
    public bool IsBulk => Header.IsBulk;

    /// <summary>Whether it is a bulk file of what is local.</summary>
    public bool IsKept { get; init; }

    /// <summary>Whether it has bytes that may not be durable.</summary>
    public bool IsDirty => Volatile.Read(ref _isDirty) != 0;

    /// <summary>How many bytes of it somebody has a hold on.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>How many bytes of the disk it has: of a log file up to where it was written with zeros, of a bulk file up to where data goes next.</summary>
    public long Reserved
    {
        get => Volatile.Read(ref _reserved);
        set => Volatile.Write(ref _reserved, value);
    }

    /// <summary>Up to where a log file's frames can be read from the file.</summary>
    public long WrittenTo
    {
        get => Volatile.Read(ref _writtenTo);
        set => Volatile.Write(ref _writtenTo, value);
    }

    /// <summary>Whether nothing is added to it any more.</summary>
    public bool IsSealed => Volatile.Read(ref _isSealed) != 0;

    /// <summary>Whether records that name it may be durable because it was synced. Not under the count's rules: the log sets and asks it while nothing is synced.</summary>
    public bool WasSynced { get; set; }

    /// <summary>Of a bulk file that will be dropped, the last record there was when its last hold had gone.</summary>
    public long ReleasedAt { get; set; } = long.MaxValue;

    /// <summary>Of a file without holds, the epoch in which its last hold had gone, or a later one.</summary>
    public uint ReleasedIn { get; set; } = uint.MaxValue;

    /// <summary>Its folder has another name now. While the log changes nothing on the disk.</summary>
    public void NoteFolder(string folder) => Path = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(Path));

    /// <summary>Takes a hold.</summary>
    public void Retain(long length) => Interlocked.Add(ref _held, length);

    /// <summary>Lets go.</summary>
    /// <returns>How many bytes are still held.</returns>
    public long Release(long length) => Interlocked.Add(ref _held, -length);

    /// <summary>Says that nothing is added any more. The exchange keeps its order against the counting: either side sees the other.</summary>
    public void Seal() => Interlocked.Exchange(ref _isSealed, 1);

    /// <summary>Says that there are bytes that may not be durable.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Soil() => Interlocked.Exchange(ref _isDirty, 1) == 0;

    /// <summary>Says that a sync begins.</summary>
    public void Clean() => Interlocked.Exchange(ref _isDirty, 0);

    /// <summary>Whether the caller is the one to queue it for dropping.</summary>
    public bool TryQueue() => Interlocked.Exchange(ref _isQueued, 1) == 0;

    /// <summary>Lets it be queued again.</summary>
    public void Unqueue() => Interlocked.Exchange(ref _isQueued, 0);

    /// <inheritdoc/>
    public void Dispose() => File?.Dispose();
}
