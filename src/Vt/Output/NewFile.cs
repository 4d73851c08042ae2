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
    /// <exception cref="PosixException">It can't be made.</exception>
    public NewFile(string path)
    {
        if (PosixFile.TryStat(path, out var there) == Errno.OK && there.Type != ModeBits.S_IFREG)
        {
            _path = path;
            _file = PosixFile.Open(path, OpenFlags.O_WRONLY | OpenFlags.O_NOCTTY);
            return;
        }

        _path = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
        _temporary = $"{_path}.{Guid.NewGuid():N}.part";
        _file = PosixFile.Open(_temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, Mode);
    }

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => PosixFile.WriteFully(_file, bytes);

    /// <summary>Makes it durable and gives it its name.</summary>
    public void Complete()
    {
        if (_temporary is null)
            return;
        PosixFile.Fsync(_file);
        PosixFile.Rename(_temporary, _path);
        _isComplete = true;
        PosixFile.SyncDirectory(Path.GetDirectoryName(_path) is { Length: > 0 } folder ? folder : "/");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (_temporary is not null && !_isComplete)
            PosixFile.TryUnlink(_temporary);
    }
}
