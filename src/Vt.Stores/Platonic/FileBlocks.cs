using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.Http;

namespace Vt.Stores.Platonic;

/// <summary>Reads blocks from the files that have them. For one call of the store; not thread-safe.</summary>
/// <param name="root">The folder.</param>
/// <param name="hasher">Checks what was read.</param>
/// <param name="suspects">Is told of files that are not what the index says.</param>
sealed class FileBlocks(string root, BlockHasher hasher, Suspects suspects) : IDisposable
{
    const OpenFlags FolderFlags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;

    // What was a file may be a fifo by now.
    const OpenFlags FileFlags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY;

    /// <summary>Longer paths are gone along folder by folder: the kernel takes up to 4096 bytes at a time.</summary>
    const int LongestPath = 4000;

    FileDescriptor? _folder;
    FileDescriptor? _file;
    (PlaceFile? Index, uint File) _open;

    /// <summary>Why a place could not be looked at; null while all could. That a file is gone or another is no such reason.</summary>
    public PosixException? Failure { get; private set; }

    /// <summary>Reads a block.</summary>
    /// <param name="index">The index file that tells where.</param>
    /// <param name="place">Where.</param>
    /// <param name="hash">The block's name, which what is read is checked against.</param>
    /// <returns>The block; not present where the file hasn't got it there any more.</returns>
    public BlockLease Read(PlaceFile index, FilePlace place, in BlockHash hash)
    {
        if (!TryOpen(index, place.File))
            return default;
        var block = new PooledBlock(place.Length);
        var isKept = false;
        try
        {
            isKept = PosixFile.PreadUpTo(_file!, block.Memory.Span, place.Offset) == place.Length && hasher.Hash(block.Memory.Span) == hash;
            if (!isKept)
                suspects.Note(index.PathAt((int)place.File));
        }
        catch (PosixException failed)
        {
            Failure = failed;
        }
        finally
        {
            if (!isKept)
                block.Release();
        }

        return isKept ? block.Lend() : default;
    }

    /// <summary>Whether a file looks as it did when it was indexed, and nobody has found it to be otherwise.</summary>
    public bool IsUnchanged(PlaceFile index, uint file)
    {
        var path = index.PathAt((int)file);
        return !suspects.Contains(path) && TryStat(path, out var status) && status.IsRegular && index.FactsAt((int)file).IsUnchanged(FileFacts.Of(status));
    }

    /// <summary>Whether a file is no more as it was indexed, under the path that it had.</summary>
    public bool IsGone(byte[] path, FileFacts facts) =>
        TryStat(path, out var status) ? !status.IsRegular || !facts.IsSameContent(FileFacts.Of(status)) : Failure is null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _folder?.Dispose();
    }

    bool TryOpen(PlaceFile index, uint file)
    {
        if (_open.Index == index && _open.File == file)
            return _file is not null;
        _file?.Dispose();
        _file = null;
        _open = (index, file);
        var error = Open(index.PathAt((int)file), FileFlags, out var opened);
        if (error == Errno.OK && PosixFile.TryFstat(opened, out var status) == Errno.OK && status.IsRegular)
        {
            _file = opened;
            return true;
        }

        opened.Dispose();
        Note(error);
        return false;
    }

    bool TryStat(byte[] path, out Statx status)
    {
        status = default;
        var error = Folder();
        if (error == Errno.OK && path.Length <= LongestPath)
        {
            error = PosixFile.TryStatAt(_folder!, path, follow: true, out status);
        }
        else if (error == Errno.OK)
        {
            error = Open(path, FileFlags, out var file);
            using (file)
                error = error == Errno.OK ? PosixFile.TryFstat(file, out status) : error;
        }

        Note(error);
        return error == Errno.OK;
    }

    Errno Open(byte[] path, OpenFlags flags, out FileDescriptor file)
    {
        file = new FileDescriptor(-1);
        var error = Folder();
        if (error != Errno.OK)
            return error;
        var (rest, folder) = (path.AsMemory(), _folder!);
        try
        {
            while (rest.Length > LongestPath)
            {
                var cut = rest.Span[..LongestPath].LastIndexOf((byte)'/');
                error = PosixFile.TryOpenAt(folder, rest.Span[..cut], FolderFlags, 0, out var next);
                if (folder != _folder)
                    folder.Dispose();
                folder = next;
                if (error != Errno.OK)
                    return error;
                rest = rest[(cut + 1)..];
            }

            file.Dispose();
            return PosixFile.TryOpenAt(folder, rest.Span, flags, 0, out file);
        }
        finally
        {
            if (folder != _folder)
                folder.Dispose();
        }
    }

    Errno Folder()
    {
        if (_folder is not null)
            return Errno.OK;
        var error = PosixFile.TryOpen(root, FolderFlags, 0, out var folder);
        if (error == Errno.OK)
        {
            _folder = folder;
            return error;
        }

        // The folder itself is not there: nothing is known of what is in it.
        folder.Dispose();
        Failure = new PosixException(error, "open", root);
        return error;
    }

    void Note(Errno error)
    {
        if (error is not (Errno.OK or Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP or Errno.ESTALE or Errno.ENXIO))
            Failure = new PosixException(error, "open", root);
    }
}
