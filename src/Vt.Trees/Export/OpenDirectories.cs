using Vt.Posix;

namespace Vt.Trees.Export;

/// <summary>
/// Keeps the directories of an export open, but never many: what was not used for the longest time is closed and, when it is
/// wanted again, opened again from the nearest one above that is still open. So neither deep nor wide trees need more descriptors
/// than a process has. Thread-safe.
/// </summary>
/// <param name="most">How many stay open; those in use at a moment may be more.</param>
sealed class OpenDirectories(int most) : IDisposable
{
    // Guards the fields below and, of every directory, its File, Pins and Idle.
    readonly Lock _openGate = new();
    readonly LinkedList<ExportDirectory> _idle = [];
    int _count;

    /// <summary>Takes in a directory that its owner keeps open until the end.</summary>
    public void Hold(ExportDirectory directory, FileDescriptor file)
    {
        lock (_openGate)
            Adopt(directory, file);
    }

    /// <summary>Takes in a directory that was just opened; it is pinned for the caller.</summary>
    public OpenDirectory Add(ExportDirectory directory, FileDescriptor file)
    {
        FileDescriptor? closing;
        lock (_openGate)
        {
            Adopt(directory, file);
            closing = Oldest();
        }

        closing?.Dispose();
        return new OpenDirectory(this, directory, file);
    }

    /// <summary>A directory, opened again if need be, never through a symbolic link; never from outside the destination.</summary>
    /// <exception cref="PosixException">It is not there any more, or can't be opened.</exception>
    public OpenDirectory Pin(ExportDirectory directory)
    {
        if (TryPin(directory) is { } open)
            return new OpenDirectory(this, directory, open);
        var way = new Stack<ExportDirectory>();
        var at = directory;
        FileDescriptor? file;
        while ((file = TryPin(at)) is null)
        {
            way.Push(at);

            // The top is pinned as long as the export runs.
            at = at.Parent!;
        }

        while (way.TryPop(out var next))
        {
            file = Reopen(at, file, next);
            at = next;
        }

        return new OpenDirectory(this, directory, file);
    }

    /// <summary>Lets go of a directory.</summary>
    public void Unpin(ExportDirectory directory)
    {
        FileDescriptor? closing = null;
        lock (_openGate)
        {
            if (--directory.Pins == 0)
            {
                _idle.AddLast(directory.Idle);
                closing = Oldest();
            }
        }

        closing?.Dispose();
    }

    /// <summary>Closes all; nothing is in use any more.</summary>
    public void Dispose()
    {
        lock (_openGate)
        {
            foreach (var directory in _idle)
            {
                directory.File!.Dispose();
                directory.File = null;
            }

            _idle.Clear();
        }
    }

    FileDescriptor? TryPin(ExportDirectory directory)
    {
        lock (_openGate)
        {
            if (directory.File is null)
                return null;
            if (directory.Pins++ == 0)
                _idle.Remove(directory.Idle);
            return directory.File;
        }
    }

    // Opens a directory below a pinned one, whose pin it takes over.
    FileDescriptor Reopen(ExportDirectory above, FileDescriptor folder, ExportDirectory directory)
    {
        const OpenFlags Flags = OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
        try
        {
            // The permissions of one that is complete may forbid to read it; names in it can be linked to all the same.
            var flags = directory.IsComplete ? OpenFlags.O_PATH | Flags : OpenFlags.O_RDONLY | Flags;
            var file = PosixFile.OpenAt(folder, directory.Name.Span, flags);
            FileDescriptor? closing;
            lock (_openGate)
            {
                if (directory.File is null)
                {
                    Adopt(directory, file);
                    closing = Oldest();
                }
                else
                {
                    // Another thread was faster.
                    closing = file;
                    file = directory.File;
                    if (directory.Pins++ == 0)
                        _idle.Remove(directory.Idle);
                }
            }

            closing?.Dispose();
            return file;
        }
        finally
        {
            Unpin(above);
        }
    }

    void Adopt(ExportDirectory directory, FileDescriptor file)
    {
        directory.File = file;
        directory.Pins = 1;
        _count++;
    }

    FileDescriptor? Oldest()
    {
        if (_count <= most || _idle.First is not { } oldest)
            return null;
        _idle.RemoveFirst();
        _count--;
        var file = oldest.Value.File;
        oldest.Value.File = null;
        return file;
    }
}
