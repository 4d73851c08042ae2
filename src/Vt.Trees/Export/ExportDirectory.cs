using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Trees.Export;

/// <summary>
/// A directory that is being filled. It stays open while anybody uses it: the walker, entries not made yet, directories below.
/// Whoever lets go last gives it its permissions and times, which must not change any more, and closes it.
/// </summary>
sealed class ExportDirectory(ExportSession session, ExportDirectory? parent, ReadOnlyMemory<byte> name, FileDescriptor file, uint newGroup, Dirent? restored)
{
    // The walker's use.
    int _uses = 1;

    public ExportSession Session { get; } = session;

    public ExportDirectory? Parent { get; } = parent;

    public ReadOnlyMemory<byte> Name { get; } = name;

    public FileDescriptor File { get; } = file;

    /// <summary>The group of what is made in it: its own where it has setgid.</summary>
    public uint NewGroup { get; } = newGroup;

    /// <summary>Whether it was made by this export, so that owner and group are known.</summary>
    public bool IsNew { get; init; }

    /// <summary>Takes a use, as one who has one.</summary>
    public void Use() => Interlocked.Increment(ref _uses);

    /// <summary>Takes a use unless it is closed already.</summary>
    public bool TryUse()
    {
        while (true)
        {
            var uses = Volatile.Read(ref _uses);
            if (uses == 0)
                return false;
            if (Interlocked.CompareExchange(ref _uses, uses + 1, uses) == uses)
                return true;
        }
    }

    /// <summary>Lets go of a use.</summary>
    public void Release()
    {
        for (var directory = this; directory is not null && Interlocked.Decrement(ref directory._uses) == 0; directory = directory.Parent)
            directory.Close();
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

    /// <summary>Opens it again after it was closed, never through a symbolic link.</summary>
    public Errno TryReopen(out FileDescriptor directory)
    {
        var way = new Stack<ExportDirectory>();
        var from = this;
        while (!from.TryUse())
        {
            way.Push(from);
            from = from.Parent!;
        }

        try
        {
            directory = from.File.Duplicate();
        }
        finally
        {
            from.Release();
        }

        while (way.TryPop(out var next))
        {
            var above = directory;
            var error = PosixFile.TryOpenAt(above, next.Name.Span, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out directory);
            above.Dispose();
            if (error != Errno.OK)
                return error;
        }

        return Errno.OK;
    }

    void Close()
    {
        if (restored is not null)
            Session.Metadata.Restore(this, restored, File);
        File.Dispose();
    }
}
