using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Text;

/// <summary>
/// The append-only list of what must be there, so that a pack or a reference that is gone is noticed even when nothing else names it.
/// A line is a date, seconds since 1970, a verb and its words, as <see cref="CheckedLine"/> writes them; vt-datadir(5) lists the verbs.
/// </summary>
/// <remarks>
/// Thread-safe, and shared by processes: a line is one write to the end of the file under flock. A pack's first line is made durable after
/// the pack and before anybody is told that a block in it is durable; all other lines may be lost with the power.
/// </remarks>
/// <param name="path">The file.</param>
/// <param name="disk">Writes it.</param>
/// <param name="time">The clock.</param>
sealed class Catalogue(string path, DiskWriter disk, TimeProvider time)
{
    public const string PackVerb = "pack";
    public const string ClosedVerb = "closed";
    public const string RemovedVerb = "removed";
    public const string RefVerb = "ref";
    public const string AddedVerb = "added";

    // Guards the three fields below.
    readonly Lock _reading = new();
    readonly CatalogueState _state = new();
    long _readTo;
    bool _seenMissing;

    /// <summary>Reads what was added since the last time, by whatever process.</summary>
    /// <param name="look">Looks at the state; must not keep it.</param>
    /// <exception cref="IOException">The file can't be read. One that is not there is empty.</exception>
    public T Read<T>(Func<CatalogueState, T> look)
    {
        lock (_reading)
        {
            ReadOn();
            return look(_state);
        }
    }

    /// <summary>Whether there was no file when it was last read.</summary>
    public bool IsMissing
    {
        get
        {
            lock (_reading)
                return _seenMissing;
        }
    }

    /// <summary>Adds a line.</summary>
    /// <param name="isDurable">Whether it has to be durable when this returns.</param>
    /// <param name="verb">One of the verbs.</param>
    /// <param name="words">What the verb takes.</param>
    public void Append(bool isDurable, string verb, params ReadOnlySpan<string> words)
    {
        var now = time.GetUtcNow();
        var line = CheckedLine.Write(
            [now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), Text(now.ToUnixTimeSeconds()), verb, .. words]);
        using var file = disk.OpenForAppend(path);
        Locks.Flock(file, LockKind.Exclusive, wait: true);
        var length = PosixFile.Fstat(file).Size;
        var whole = WholeLength(file, length);
        if (whole < length)
            disk.Truncate(file, path, whole);
        disk.Append(file, path, line);
        if (isDurable)
            disk.Sync(file, path);
    }

    /// <summary>Adds the line of a pack that is durable now, which makes a promise of it.</summary>
    public void AppendPack(PackId pack) => Append(isDurable: true, PackVerb, pack.ToString());

    /// <summary>Adds the line of a pack that was closed.</summary>
    public void AppendClosed(PackId pack, long length) => Append(isDurable: false, ClosedVerb, pack.ToString(), Text(length));

    /// <summary>Adds the line of a reference's movement.</summary>
    public void AppendRef(string name, long length) => Append(isDurable: false, RefVerb, name, Text(length));

    /// <summary>Adds what a session added.</summary>
    public void AppendAdded(AddCounts counts) => Append(
        isDurable: false,
        AddedVerb,
        Text(counts.NewBlocks), Text(counts.NewBytes), Text(counts.StoredBytes), Text(counts.KnownBlocks), Text(counts.KnownBytes));

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>How long the file is without a line that an interrupted write left.</summary>
    static long WholeLength(FileDescriptor file, long length)
    {
        Span<byte> piece = stackalloc byte[256];
        while (length > 0)
        {
            var take = (int)Math.Min(piece.Length, length);
            PosixFile.PreadFully(file, piece[..take], length - take);
            var at = piece[..take].LastIndexOf((byte)'\n');
            if (at >= 0)
                return length - take + at + 1;
            length -= take;
        }

        return 0;
    }

    void ReadOn()
    {
        var error = PosixFile.TryOpen(path, OpenFlags.O_RDONLY, 0, out var file);
        _seenMissing = error == Errno.ENOENT;
        if (_seenMissing)
            return;
        if (error != 0)
            throw new PosixException(error, "open", path);
        using (file)
        {
            var length = PosixFile.Fstat(file).Size;
            if (length <= _readTo)
                return;
            var bytes = new byte[length - _readTo];
            var got = PosixFile.PreadUpTo(file, bytes, _readTo);
            foreach (var line in CheckedLine.ReadAll(bytes.AsSpan(0, got)))
            {
                // A torn line may be one that another process is writing: it is read again. Verification reports damaged ones.
                if (line.IsTorn)
                {
                    _readTo += line.Offset;
                    return;
                }

                if (line.Fields is { } fields)
                    _state.Apply(fields);
            }

            _readTo += got;
        }
    }
}
