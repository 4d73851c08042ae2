using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Trees.Export;

/// <summary>
/// A directory that is being filled. Its users are the walker, entries not made yet, directories below; whoever lets go last
/// gives it its permissions and times, which must not change any more. Whether it is open at a moment is another matter:
/// <see cref="OpenDirectories"/>.
/// </summary>
sealed class ExportDirectory
{
    readonly ExportSession _session;
    readonly Dirent? _restored;

    // The walker's use.
    int _uses = 1;
    volatile bool _isComplete;

    /// <summary>Describes a directory.</summary>
    /// <param name="session">The export.</param>
    /// <param name="parent">The one that it is in; null of the destination.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="newOwner">Whom things belong to that are made in it; null where that isn't known.</param>
    /// <param name="restored">What it gets its permissions and times from; null if it keeps its own.</param>
    public ExportDirectory(ExportSession session, ExportDirectory? parent, ReadOnlyMemory<byte> name, NewOwner? newOwner, Dirent? restored)
    {
        _session = session;
        _restored = restored;
        Parent = parent;
        Name = name;
        NewOwner = newOwner;
        Idle = new LinkedListNode<ExportDirectory>(this);
    }

    public ExportDirectory? Parent { get; }

    public ReadOnlyMemory<byte> Name { get; }

    public NewOwner? NewOwner { get; }

    /// <summary>Whether it was made by this export, so that nothing but what the export made is in it.</summary>
    public bool IsNew { get; init; }

    /// <summary>Whether it gives access control lists to what is made in it.</summary>
    public bool GivesAccessLists { get; init; }

    /// <summary>Whether all that belongs in it was made.</summary>
    public bool IsComplete => _isComplete;

    /// <summary>The open directory, if it is open; of <see cref="OpenDirectories"/>.</summary>
    public FileDescriptor? File { get; set; }

    /// <summary>How many need it open now; of <see cref="OpenDirectories"/>.</summary>
    public int Pins { get; set; }

    /// <summary>Its place among those that nobody needs open; of <see cref="OpenDirectories"/>.</summary>
    public LinkedListNode<ExportDirectory> Idle { get; }

    /// <summary>Opens it, if it isn't open.</summary>
    /// <exception cref="PosixException">It is not there any more, or can't be opened.</exception>
    public OpenDirectory Open() => _session.Directories.Pin(this);

    /// <summary>Takes a use, as one who has one.</summary>
    public void Use() => Interlocked.Increment(ref _uses);

    /// <summary>Lets go of a use.</summary>
    public void Release()
    {
        for (var directory = this; directory is not null && Interlocked.Decrement(ref directory._uses) == 0; directory = directory.Parent)
            directory.Complete();
    }

    /// <summary>The path below the destination of an entry, or of the directory itself.</summary>
    public byte[] PathOf(ReadOnlySpan<byte> entry)
    {
        var length = entry.Length;
        for (var directory = this; directory.Parent is not null; directory = directory.Parent)
            length += directory.Name.Length + (length > 0 ? 1 : 0);
        var path = new byte[length];
        entry.CopyTo(path.AsSpan(length - entry.Length));
        var at = length - entry.Length;
        for (var directory = this; directory.Parent is not null; directory = directory.Parent)
        {
            if (at > 0 && at < length)
                path[--at] = (byte)'/';
            at -= directory.Name.Length;
            directory.Name.Span.CopyTo(path.AsSpan(at));
        }

        return path;
    }

    void Complete()
    {
        if (_restored is not null)
        {
            try
            {
                using var folder = Open();
                _session.Metadata.Restore(this, _restored, folder.File);
            }
            catch (PosixException fault)
            {
                _session.Report(ExportIssueKind.ModeLost, this, [], fault);
            }
        }

        _isComplete = true;
    }
}
