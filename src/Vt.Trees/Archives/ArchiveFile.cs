using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>
/// A <c>.vt</c> file: the states of one tree, a line each, oldest first. Lines are only ever appended, each made durable
/// before the append returns, so a crash costs at most the line being written: readers pass over such a torn end, and the next
/// append cuts it off. Any number of processes may read and append at once.
/// </summary>
/// <remarks>
/// The file alone can't tell a torn end from damage to a line that was acknowledged. The store can: see <see cref="ArchiveRegistration"/>,
/// <see cref="FindLostAsync"/> and <see cref="AppendAsync"/>, which says in which order what becomes durable.
/// </remarks>
/// <exception cref="PosixException">The file can't be read or written.</exception>
public sealed partial class ArchiveFile
{
    readonly TimeProvider _clock;
    readonly WriteBoundary _boundary;

    /// <summary>Names an archive; nothing is opened yet.</summary>
    /// <param name="path">Where it lies, or will lie.</param>
    /// <param name="clock">Tells the time of new states.</param>
    /// <param name="boundary">The crash tests' hook; null for none.</param>
    public ArchiveFile(string path, TimeProvider clock, WriteBoundary? boundary = null)
    {
        Path = path;
        _clock = clock;
        _boundary = boundary ?? new WriteBoundary(null);
    }

    /// <summary>Where the archive lies.</summary>
    public string Path { get; }

    /// <summary>Told each state that was put back because the file had lost it.</summary>
    public Action<ArchiveState>? OnRestored { get; init; }

    /// <summary>Whether there is such a file.</summary>
    public bool Exists => PosixFile.TryStat(Path, out _) == Errno.OK;

    /// <summary>How long the file is, in bytes, which tells whether it has grown; 0 where there is none.</summary>
    public long Length => PosixFile.TryStat(Path, out var status) == Errno.OK ? status.Size : 0;

    /// <summary>Whether the file is what a crash leaves of an archive's making: nothing, or a part of the first line.</summary>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    public bool IsUnfinished
    {
        get
        {
            using var file = OpenToRead();
            var length = PosixFile.Fstat(file).Size;
            return length == 0 || IsTornHeader(file, length);
        }
    }

    /// <summary>Everything that the archive holds.</summary>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    /// <exception cref="FormatInvalidException">The archive is of a version that is not known.</exception>
    public ArchiveContents ReadAll()
    {
        using var file = OpenToRead();
        var states = new List<ArchiveState>();
        var faults = new List<ArchiveFault>();
        Guid? id = null;
        var number = 0;
        foreach (var line in new LineScanner(file).Forwards())
        {
            number++;
            try
            {
                if (number == 1 && line.Bytes.Span.StartsWith(ArchiveLine.Opening))
                    id = ArchiveLine.ParseHeader(line.Bytes.Span);
                else if (!ArchiveLine.IsComment(line.Bytes.Span))
                    states.Add(ArchiveLine.Parse(line.Bytes.Span));
            }
            catch (FormatInvalidException fault) when (!line.IsTorn)
            {
                faults.Add(new ArchiveFault(number, $"{fault.What} (at {fault.Offset})"));
            }
            catch (FormatInvalidException)
            {
                // A torn end by itself is what a crash leaves, zeros and all: FindLostAsync tells whether a state was lost with it.
            }
        }

        if (id is null && states.Count == 0 && number > 0)
            throw NotAnArchive();
        if (id is null && number > 0 && !faults.Exists(static fault => fault.Line == 1))
            faults.Insert(0, new ArchiveFault(1, "the archive's first line is missing"));
        return new ArchiveContents(id, states, faults);
    }

    /// <summary>The id that the archive's first line gives it.</summary>
    /// <exception cref="UserErrorException">There is no such file, or it is something else, or its first line is damaged.</exception>
    public Guid ReadId()
    {
        using var file = OpenToRead();
        return ReadId(file);
    }

    /// <summary>The newest state, read from the end of the file alone.</summary>
    /// <returns>The state; null where the archive has none.</returns>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    public ArchiveState? ReadLast() => ReadBackwards().FirstOrDefault();

    /// <summary>The newest of the states that were saved at or before a moment.</summary>
    /// <returns>The state; null where all are later.</returns>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    public ArchiveState? FindAt(Timestamp moment) => ReadBackwards().FirstOrDefault(state => state.When <= moment);

    /// <summary>The states from the newest to the oldest, read as far as they are asked for. Damaged lines are passed over.</summary>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    public IEnumerable<ArchiveState> ReadBackwards()
    {
        using var file = OpenToRead();
        CheckBeginning(file);
        foreach (var line in new LineScanner(file).Backwards())
        {
            if (ArchiveLine.TryParse(line) is { } state)
                yield return state;
        }
    }

    /// <summary>The states whose lines this file had and has no more, by what a store knows of it.</summary>
    /// <param name="refs">The store's references.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Oldest first. None where the store knows nothing of the archive, or the archive's first line can't be read.</returns>
    /// <exception cref="UserErrorException">There is no such file, or it is something else.</exception>
    /// <exception cref="FormatInvalidException">What the store knows is damaged.</exception>
    public async ValueTask<IReadOnlyList<LostState>> FindLostAsync(IRefStore refs, CancellationToken cancellationToken = default)
    {
        using var file = OpenToRead();
        return new LineScanner(file).TryReadId() is { } id ? await new LostStates(id, FullPath, file).FindAsync(refs, cancellationToken) : [];
    }

    string FullPath => System.IO.Path.GetFullPath(Path);

    FileDescriptor OpenToRead() => PosixFile.TryOpen(Path, OpenFlags.O_RDONLY, 0, out var file) switch
    {
        Errno.OK => Checked(file),
        Errno.ENOENT => throw new UserErrorException($"there is no archive {Path}"),
        var error => throw new PosixException(error, "open", Path),
    };

    FileDescriptor Checked(FileDescriptor file)
    {
        if (PosixFile.Fstat(file).IsRegular)
            return file;
        file.Dispose();
        throw new UserErrorException($"{Path} is not an archive but a directory or special file");
    }

    // Nothing is ever read from, or cut off, a file that isn't ours.
    void CheckBeginning(FileDescriptor file)
    {
        var opening = new byte[ArchiveLine.Opening.Length];
        var count = PosixFile.PreadUpTo(file, opening, 0);
        if (count > 0 && !opening.AsSpan(0, count).SequenceEqual(ArchiveLine.Opening) && !new LineScanner(file).Forwards().Any(static line => ArchiveLine.TryParse(line) is not null))
            throw NotAnArchive();
    }

    UserErrorException NotAnArchive() => new($"{Path} is not an archive");
}
