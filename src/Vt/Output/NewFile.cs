using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Output;

/// <summary>
/// A file that gets its name once it is whole and durable; until then, and for ever where that doesn't happen, what had the name keeps it. A symbolic link
/// stays one, and its target is replaced. A device or fifo is written to: nobody wants a tape drive's name to become a file's.
/// </summary>
sealed class NewFile : IDisposable
{
    const uint Mode = 0x1b6;

    readonly string _path;
    readonly string? _temporary; // null of what is written to in its place
    readonly FileDescriptor _file;
    bool _isComplete;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The name that it is to get.</param>
    /// <exception cref="UserErrorException">It can't be made.</exception>
    public NewFile(string path)
    {
        (_path, _temporary) = (path, null);
        if (PosixFile.TryStat(path, out var there) == Errno.OK && there.Type != ModeBits.S_IFREG)
        {
            _file = Try(() => PosixFile.Open(path, OpenFlags.O_WRONLY | OpenFlags.O_NOCTTY));
            return;
        }

        _path = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
        var temporary = _temporary = $"{_path}.{Guid.NewGuid():N}.part";
        _file = Try(() => PosixFile.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, Mode));
    }

    /// <summary>Adds bytes.</summary>
    /// <exception cref="UserErrorException">They can't be written.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            PosixFile.WriteFully(_file, bytes);
        }
        catch (PosixException failed)
        {
            throw Refused(failed);
        }
    }

    /// <summary>Makes it durable and gives it its name.</summary>
    /// <exception cref="UserErrorException">It can't be made so.</exception>
    public void Complete()
    {
        if (_temporary is null)
            return;
        _isComplete = Try(() =>
        {
            PosixFile.Fsync(_file);
            PosixFile.Rename(_temporary, _path);
            return true;
        });
        PosixFile.SyncDirectory(Path.GetDirectoryName(_path) is { Length: > 0 } folder ? folder : "/");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (_temporary is not null && !_isComplete)
            PosixFile.TryUnlink(_temporary);
    }

    T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (PosixException failed)
        {
            throw Refused(failed);
        }
    }

    // Of the name that was asked for, and not of the one that the file has until it is whole.
    UserErrorException Refused(PosixException failed) => new($"{_path} can't be written: {PosixException.TextOf(failed.Error)}", failed);
}
