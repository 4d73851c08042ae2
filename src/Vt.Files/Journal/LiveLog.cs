using System.Collections.Concurrent;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Files.Journal;

/// <summary>
/// The log of a live file system: records, and what was written to files until it is stored as blocks. Described in vt-live(5). Safe from any
/// thread.
/// </summary>
/// <remarks>
/// <para>Invariants:</para>
/// <list type="number">
/// <item>Frames go to a buffer under <see cref="_append"/>, in the order of their sequence numbers, and from the buffers to the file in that order, by
/// whoever holds <see cref="_disk"/>. What is below a buffer's length, or a file's <see cref="LogSegment.WrittenTo"/>, never changes.</item>
/// <item>The header of a log file is written when all before it is durable, with all bulk bytes that its records name, but for epochs that need no replay. So
/// where a later file has a header, whatever isn't whole before it in an epoch that is needed is damage.</item>
/// <item>A sequence number is told to be durable when the records up to it are, the bulk bytes that they name, and the names of their files.</item>
/// <item>A bulk file without holds is neither synced nor kept; a Drop frame says so to who replays records that name it but had no Mark behind them. It is
/// durable before the file goes, or written if the file was never synced: then no durable record names it.</item>
/// <item>A log file is used again or deleted when its epoch is not needed and nobody has a hold on its bytes.</item>
/// <item>After a failed write or sync nothing is written and nothing becomes durable.</item>
/// </list>
/// <para>Locks are taken in this order: _disk, _growing, _append; _commit and _bulk are innermost.</para>
/// </remarks>
sealed partial class LiveLog : IFrontData, IAsyncDisposable
{
    /// <summary>How many buffers records can wait in.</summary>
    public const int Buffers = 4;

    readonly LiveLogOptions _options;
    readonly LogDisk _io;
    readonly ConcurrentDictionary<uint, LogSegment> _segments = new();

    // Held by whoever writes, syncs or deletes files, and so over I/O.
    readonly SemaphoreSlim _disk = new(1, 1);

    // Held by whoever makes log files or makes them larger, and so over I/O.
    readonly SemaphoreSlim _growing = new(1, 1);

    // Guards the fields of LiveLog.Appending.cs.
    readonly Lock _append = new();

    // Guards _isLed and _following.
    readonly Lock _commit = new();

    // Guards _idle.
    readonly Lock _bulk = new();

    long _fileBytes;
    long _appended;
    uint _number; // the last that a file got
    uint _firstNeeded; // of the epochs

    LiveLog(string folder, uint firstEpoch, LiveLogOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BufferSize, 4 * LogFrame.NumberLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FileSize, LogHeader.Room + options.BufferSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BulkSize, 2 * LogHeader.Room);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReserveStep, 1);
        _options = options;
        _io = new LogDisk(folder, options.Boundary);
        _firstNeeded = _epoch = firstEpoch;
    }

    /// <summary>The epoch to which records are appended.</summary>
    public uint Epoch => Volatile.Read(ref _epoch);

    /// <summary>The number of the last record that was appended since the log was opened; 0 before the first.</summary>
    public long LastSequence => Interlocked.Read(ref _lastSequence);

    /// <summary>Records up to this one survive a power cut.</summary>
    public long DurableSequence => Interlocked.Read(ref _durable);

    /// <summary>How many bytes somebody has a hold on.</summary>
    public long HeldBytes => _segments.Values.Sum(static segment => segment.Held);

    /// <summary>How many of these wait to be stored: those outside of what is kept.</summary>
    public long UnstoredBytes => _segments.Values.Sum(static segment => segment.IsKept ? 0 : segment.Held);

    /// <summary>How many bytes of records and their data were appended since the log was opened.</summary>
    public long AppendedBytes => Interlocked.Read(ref _appended);

    /// <summary>How many bytes all files have on the disk, spare ones too.</summary>
    public long FileBytes => Interlocked.Read(ref _fileBytes);

    /// <summary>The longest record and its data that one append takes, together.</summary>
    public int LongestAppend => _options.BufferSize - LogFrame.HeadLength - LogFrame.Alignment - 2 * LogFrame.NumberLength;

    /// <summary>
    /// Makes all durable and closes the files. Nobody uses the log any more, and whoever holds bytes will find them when it is opened
    /// again, if records name them.
    /// </summary>
    /// <exception cref="IOException">Records that nobody committed could not be made durable; the files are closed all the same.</exception>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await CommitAsync(LastSequence);
            await FinishGrowingAsync();
            await _disk.WaitAsync();
            if (!_io.HasFailed && _found is null)
                MarkEnd();
        }
        finally
        {
            CloseFiles();
        }
    }

    LogSegment Find(uint number) => _segments.TryGetValue(number, out var segment)
        ? segment
        : throw new FormatInvalidException($"log file {number:x8} is not there");

    string PathOf(bool isBulk, uint number, bool isKept = false) =>
        Path.Combine(_io.Folder, LogNames.Of(isKept ? LogFileKind.Kept : isBulk ? LogFileKind.Bulk : LogFileKind.Journal, number));

    uint NewNumber()
    {
        var number = Interlocked.Increment(ref _number);
        return number != 0 ? number : throw new IOException("the log's file numbers are used up");
    }

    void CheckLimit(long growth)
    {
        if (growth > _options.Limit - FileBytes)
            throw new PosixException(Errno.ENOSPC, "write", _io.Folder);
    }
}
