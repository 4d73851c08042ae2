using Vt.Posix;

namespace Vt.Output;

/// <summary>A file that gets its name once it is whole and durable; until then, and for ever where that doesn't happen, what had the name keeps it.</summary>
sealed class NewFile : IDisposable
{
    const uint Mode = 0x1b6;

    readonly string _path;
    readonly string _temporary;
    readonly FileDescriptor _file;
    bool _isComplete;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The name that it is to get.</param>
    /// <exception cref="PosixException">It can't be made.</exception>
    public NewFile(string path)
    {
        _path = path;
        _temporary = $"{path}.{Guid.NewGuid():N}.part";
        _file = PosixFile.Open(_temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, Mode);
    }

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => PosixFile.WriteFully(_file, bytes);

    /// <summary>Makes it durable and gives it its name.</summary>
    public void Complete()
    {
        PosixFile.Fsync(_file);
        PosixFile.Rename(_temporary, _path);
        _isComplete = true;
        PosixFile.SyncDirectory(Path.GetDirectoryName(_path) is { Length: > 0 } folder ? folder : "/");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (!_isComplete)
            PosixFile.TryUnlink(_temporary);
    }
}
