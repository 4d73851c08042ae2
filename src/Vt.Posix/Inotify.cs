using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Vt.Posix;

/// <summary>Tells what happens in folders that are watched (inotify(7)). Watches are added and removed from any thread; one reads.</summary>
public sealed unsafe partial class Inotify : IDisposable
{
    /// <summary>What a descriptor of no watch is called: that of events about the queue.</summary>
    public const int NoWatch = -1;

    const int IN_NONBLOCK = 0x800;
    const int IN_CLOEXEC = 0x80000;
    const int HeaderSize = 16;
    const int BufferSize = 1 << 16;

    readonly FileDescriptor _file;
    readonly byte[] _buffer = new byte[BufferSize];

    /// <summary>Starts without watches.</summary>
    /// <exception cref="PosixException">This user has too many of these, or too many files open.</exception>
    public Inotify()
    {
        var fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (fd < 0)
            throw new PosixException(Libc.LastError, "inotify_init1");
        _file = new FileDescriptor(fd);
    }

    /// <summary>Is ready for reading when something happened.</summary>
    public FileDescriptor File => _file;

    /// <summary>Watches an open folder, or changes what is watched for there. The folder may be closed afterwards.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="events">What for.</param>
    /// <param name="watch">Receives the watch's descriptor; the same again for a folder that is watched already.</param>
    /// <returns>ENOSPC where the user has as many watches as the system allows.</returns>
    public Errno TryAdd(FileDescriptor folder, InotifyEvents events, out int watch)
    {
        // By the descriptor, since paths may be long, and may lead elsewhere by now.
        fixed (byte* path = Encoding.ASCII.GetBytes($"/proc/self/fd/{folder.Value}\0"))
            watch = inotify_add_watch(_file.Value, path, (uint)events);
        var error = watch < 0 ? Libc.LastError : Errno.OK;
        GC.KeepAlive(folder);
        return error;
    }

    /// <summary>Ends a watch. One that ended by itself is no failure.</summary>
    public void Remove(int watch) => _ = inotify_rm_watch(_file.Value, watch);

    /// <summary>Reads what happened, without waiting.</summary>
    /// <param name="events">Receives it, in order; added to.</param>
    /// <returns>Whether there may be more.</returns>
    public bool Read(List<InotifyEvent> events)
    {
        var error = PosixFile.TryRead(_file, _buffer, out var length);
        if (error is Errno.EAGAIN or Errno.EINTR)
            return error == Errno.EINTR;
        if (error != Errno.OK)
            throw new PosixException(error, "read");
        for (var at = 0; at + HeaderSize <= length;)
        {
            // struct inotify_event: wd 4, mask 4, cookie 4, len 4, name with NULs behind it.
            var record = _buffer.AsSpan(at, length - at);
            var room = BinaryPrimitives.ReadInt32LittleEndian(record[12..]);
            var name = record.Slice(HeaderSize, room);
            var end = name.IndexOf((byte)0);
            events.Add(new InotifyEvent(
                BinaryPrimitives.ReadInt32LittleEndian(record),
                (InotifyEvents)BinaryPrimitives.ReadUInt32LittleEndian(record[4..]),
                (end < 0 ? name : name[..end]).ToArray()));
            at += HeaderSize + room;
        }

        return length > 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    [LibraryImport(Libc.Name)]
    private static partial int inotify_init1(int flags);

    [LibraryImport(Libc.Name)]
    private static partial int inotify_add_watch(int fd, byte* path, uint mask);

    [LibraryImport(Libc.Name)]
    private static partial int inotify_rm_watch(int fd, int watch);
}
