using Vt.Blocks.BlockTree;
using Vt.Posix;

namespace Vt.Files.Flat;

/// <summary>
/// Whole contents as plain files in a folder, so that reading them needs no gathering and decompressing of blocks, and the kernel may do it by itself. Each is
/// named by the reference of what it has, so it stays right whatever becomes of the file for which it was made, and serves every file with that content, also
/// after the next mount. Only a cache: what is not there is read from the store. What was asked for longest ago goes where there is no more room. Safe
/// from any thread.
/// </summary>
/// <remarks>Blocks are verified when a copy is made; what lies in the copy afterwards is as good as the disk it lies on.</remarks>
sealed class FlatFiles : IDisposable
{
    const string Extension = ".flat";
    const string NewExtension = ".part";
    const uint FolderMode = 0x1c0;
    const uint FileMode = 0x180;

    // What is read at once, and how long zeros have to be to stay a hole.
    const int StepLength = 1 << 20;
    const int HoleLength = 64 << 10;

    // Each is an open file.
    const int MostFiles = 4096;

    readonly Dictionary<BlockRef, FlatFile> _files = [];
    readonly Lock _gate = new(); // guards the files, what they take and the count of questions
    readonly SemaphoreSlim _making = new(1, 1);
    readonly CancellationTokenSource _ending = new();
    volatile string _folder;
    readonly long _most;
    long _bytes;
    long _asked;
    long _reads;
    volatile int _count;

    FlatFiles(string folder, long most)
    {
        _folder = folder;
        _most = most;
    }

    /// <summary>How many there are.</summary>
    public int Count => _count;

    /// <summary>How long they are together.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many reads were served.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Takes up what a folder has.</summary>
    /// <param name="folder">Where they lie; made when the first one is. Nobody else uses it.</param>
    /// <param name="most">How long all may be together, in bytes.</param>
    /// <exception cref="IOException">The folder can't be read.</exception>
    public static FlatFiles Open(string folder, long most)
    {
        var files = new FlatFiles(folder, most);
        if (!Directory.Exists(folder))
            return files;
        foreach (var found in new DirectoryInfo(folder).EnumerateFiles().OrderBy(static file => file.LastWriteTimeUtc))
            files.TakeUp(found.FullName);
        files.MakeRoom(0);
        return files;
    }

    /// <summary>Whether a content can have a copy: not where it has no blocks, and so nothing to gather.</summary>
    public static bool MayHave(BlockRef content) => content.HasHash || content.Kind == BlockRefKind.Slice;

    /// <summary>The folder has another name now.</summary>
    public void NoteFolder(string folder) => _folder = folder;

    /// <summary>The copy of a content, held for the caller; null where there is none.</summary>
    public FlatFile? Find(BlockRef content)
    {
        if (_count == 0)
            return null;
        lock (_gate)
        {
            if (!_files.TryGetValue(content, out var file))
                return null;
            file.Used = ++_asked;
            file.Hold();
            return file;
        }
    }

    /// <summary>Fills a range of a content from its copy; false where there is none, or its disk fails.</summary>
    public bool TryRead(BlockRef content, long offset, Span<byte> destination)
    {
        if (Find(content) is not { } file)
            return false;
        try
        {
            PosixFile.PreadFully(file.File, destination, offset);
            Interlocked.Increment(ref _reads);
            return true;
        }
        catch (IOException)
        {
            Remove(content);
            return false;
        }
        finally
        {
            file.Release();
        }
    }

    /// <summary>Makes the copy of a content, if there is none.</summary>
    /// <param name="content">The content.</param>
    /// <param name="read">Reads it from an offset, short only at its end.</param>
    /// <param name="hasRoom">Whether the disk has room for so many bytes.</param>
    /// <param name="cancellationToken">Gives up, and leaves nothing.</param>
    /// <returns>EFBIG where it is longer than all copies may be, ENOSPC where the disk has no room for it.</returns>
    /// <exception cref="IOException">It can't be written, or what is to be read is missing or damaged.</exception>
    public async ValueTask<Errno> MakeAsync(
        BlockRef content, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> read, Func<long, bool> hasRoom, CancellationToken cancellationToken)
    {
        if (!MayHave(content))
            return Errno.OK;
        if (content.Span > _most)
            return Errno.EFBIG;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        await _making.WaitAsync(giveUp.Token);
        try
        {
            if (Find(content) is { } known)
            {
                known.Release();
                return Errno.OK;
            }

            MakeRoom(content.Span);
            if (!hasRoom(content.Span))
                return Errno.ENOSPC;
            var path = PathOf(content);
            await WriteAsync(path + NewExtension, content.Span, read, giveUp.Token);
            PosixFile.Rename(path + NewExtension, path);
            return TakeUp(path) ? Errno.OK : Errno.EIO;
        }
        finally
        {
            _making.Release();
        }
    }

    /// <summary>Deletes a content's copy; who reads it goes on.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(BlockRef content)
    {
        FlatFile? file;
        lock (_gate)
        {
            if (!_files.Remove(content, out file))
                return false;
            _count = _files.Count;
            _bytes -= content.Span;

            // As long as it is open this takes no time, however large it is, and the next copy of the content has its name to itself.
            PosixFile.TryUnlink(file.Path);
        }

        file.Release();
        return true;
    }

    /// <summary>Deletes the copy that was asked for longest ago, for want of room on the disk.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryGiveBack() => TryRemoveOldest(static (_, _) => true);

    /// <summary>Gives up a copy that is being made, closes the files and notes in which order they were used.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _making.Wait();
        lock (_gate)
        {
            var age = _files.Count;
            foreach (var file in _files.Values.OrderBy(static file => file.Used))
            {
                if (_asked > 0)
                    TryDate(file.Path, age--);
                file.Release();
            }

            _files.Clear();
            _count = 0;
        }

        _making.Dispose();
        _ending.Dispose();
    }

    // The order is a hint: what can't be written is only found in another one.
    static void TryDate(string path, int age)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(age));
        }
        catch (IOException)
        {
        }
        catch (UnauthorizedAccessException)
        {
        }
    }

    async ValueTask WriteAsync(string path, long length, Func<long, Memory<byte>, CancellationToken, ValueTask<int>> read, CancellationToken cancellationToken)
    {
        PosixFile.TryMkdir(_folder, FolderMode);
        using var file = PosixFile.Open(path, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, FileMode);
        var isWhole = false;
        try
        {
            PosixFile.Ftruncate(file, length);
            var buffer = new byte[(int)Math.Min(StepLength, length)];
            for (long at = 0; at < length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = await read(at, buffer, cancellationToken);
                WriteData(file, buffer.AsSpan(0, count), at);
                at += count > 0 ? count : throw new EndOfStreamException($"the content ends at {at} of {length} bytes");
            }

            // A name that is there after a power cut must not lead to bytes that are not.
            PosixFile.Fdatasync(file);
            isWhole = true;
        }
        finally
        {
            if (!isWhole)
                PosixFile.TryUnlink(path);
        }
    }

    // In pieces as large as can be: the kernel keeps what one call writes in large pages, and reads those faster.
    static void WriteData(FileDescriptor file, ReadOnlySpan<byte> bytes, long at)
    {
        var data = 0;
        for (var done = 0; done < bytes.Length; done += HoleLength)
        {
            var part = bytes.Slice(done, Math.Min(HoleLength, bytes.Length - done));
            if (part.ContainsAnyExcept((byte)0))
                continue;
            WritePiece(file, bytes[data..done], at + data);
            data = done + part.Length;
        }

        WritePiece(file, bytes[data..], at + data);
    }

    static void WritePiece(FileDescriptor file, ReadOnlySpan<byte> piece, long at)
    {
        if (!piece.IsEmpty)
            PosixFile.PwriteFully(file, piece, at);
    }

    // What is no whole copy is left of a copy that was not made, and of no use.
    bool TakeUp(string path)
    {
        var name = Path.GetFileName(path);
        if (name.EndsWith(Extension, StringComparison.Ordinal)
            && BlockRef.TryParse(name.AsSpan(0, name.Length - Extension.Length), out var content)
            && PathOf(content) == path
            && PosixFile.TryOpen(path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0, out var file) == Errno.OK)
        {
            if (PosixFile.TryFstat(file, out var status) == Errno.OK && (long)status.Size == content.Span)
            {
                Add(new FlatFile(content, path, file));
                return true;
            }

            file.Dispose();
        }

        if (name.EndsWith(Extension, StringComparison.Ordinal) || name.EndsWith(NewExtension, StringComparison.Ordinal))
            PosixFile.TryUnlink(path);
        return false;
    }

    void Add(FlatFile file)
    {
        lock (_gate)
        {
            file.Used = ++_asked;
            _files.Add(file.Content, file);
            _bytes += file.Content.Span;
            _count = _files.Count;
        }
    }

    void MakeRoom(long bytes)
    {
        while (TryRemoveOldest((taken, count) => taken + bytes > _most || count >= MostFiles))
        {
        }
    }

    bool TryRemoveOldest(Func<long, int, bool> isToGo)
    {
        FlatFile? oldest;
        lock (_gate)
            oldest = isToGo(_bytes, _files.Count) ? _files.Values.MinBy(static file => file.Used) : null;
        return oldest is not null && (Remove(oldest.Content) || _count > 0);
    }

    string PathOf(BlockRef content) => Path.Combine(_folder, content + Extension);
}
