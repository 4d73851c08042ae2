using System.Runtime.InteropServices;

namespace Vt.Posix.Sockets;

/// <summary>Pairs of connected unix sockets, and descriptors that travel over them (unix(7)).</summary>
public static unsafe partial class UnixSockets
{
    const int AF_UNIX = 1;
    const int SOCK_STREAM = 1;
    const int SOCK_CLOEXEC = 0x80000;
    const int MSG_CMSG_CLOEXEC = 0x40000000;
    const int SOL_SOCKET = 1;
    const int SCM_RIGHTS = 1;
    const int MSG_NOSIGNAL = 0x4000;
    const int F_SETFD = 2;

    /// <summary>Bytes of a control message's header before its data.</summary>
    const int ControlHeader = 16;

    /// <summary>How many descriptors a message brings at most.</summary>
    public const int MostDescriptors = 4;

    // In units of 8 bytes: the header, and four numbers.
    const int ControlRoom = 4;

    /// <summary>Two stream sockets, each the other's peer; ours is closed on exec.</summary>
    /// <param name="forChild">Whether a child process inherits the second.</param>
    public static (FileDescriptor Ours, FileDescriptor Theirs) CreatePair(bool forChild)
    {
        var pair = stackalloc int[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
            throw new PosixException(Libc.LastError, "socketpair");
        var ours = new FileDescriptor(pair[0]);
        var theirs = new FileDescriptor(pair[1]);
        if (forChild && fcntl(theirs.Value, F_SETFD, 0) < 0)
        {
            var error = Libc.LastError;
            ours.Dispose();
            theirs.Dispose();
            throw new PosixException(error, "fcntl");
        }

        return (ours, theirs);
    }

    /// <summary>Waits for a message that brings a descriptor (recvmsg(2), SCM_RIGHTS).</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>The descriptor, closed on exec; null where the peer closed its end or sent none.</returns>
    public static FileDescriptor? ReceiveDescriptor(FileDescriptor socket)
    {
        var came = ReceiveDescriptors(socket);
        foreach (var more in came.AsSpan(came.Length > 0 ? 1 : 0))
            more.Dispose();
        return came.Length > 0 ? came[0] : null;
    }

    /// <summary>Waits for a message that brings descriptors (recvmsg(2), SCM_RIGHTS).</summary>
    /// <param name="socket">The socket.</param>
    /// <returns>The descriptors, closed on exec, at most <see cref="MostDescriptors"/>; none where the peer closed its end or sent none.</returns>
    public static FileDescriptor[] ReceiveDescriptors(FileDescriptor socket)
    {
        byte data;
        var control = stackalloc ulong[ControlRoom];
        var vector = new IoVector { Base = &data, Length = 1 };
        nint got;
        MessageHeader message;
        do
        {
            message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlRoom * sizeof(ulong) };
            got = recvmsg(socket.Value, &message, MSG_CMSG_CLOEXEC);
        }
        while (got < 0 && Libc.LastError == Errno.EINTR);

        if (got < 0)
            throw new PosixException(Libc.LastError, "recvmsg");
        GC.KeepAlive(socket);
        var header = (int*)control; // size_t length, int level, int type
        var length = message.ControlLength >= ControlHeader ? (int)control[0] - ControlHeader : 0;
        if (got == 0 || length <= 0 || header[2] != SOL_SOCKET || header[3] != SCM_RIGHTS)
            return [];
        var came = new FileDescriptor[length / sizeof(int)];
        for (var i = 0; i < came.Length; i++)
            came[i] = new FileDescriptor(header[4 + i]);
        return came;
    }

    /// <summary>Sends one byte with descriptors (sendmsg(2), SCM_RIGHTS).</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="files">The descriptors, which stay the caller's too; 1 to <see cref="MostDescriptors"/>.</param>
    public static void SendDescriptors(FileDescriptor socket, params ReadOnlySpan<FileDescriptor> files)
    {
        ArgumentOutOfRangeException.ThrowIfZero(files.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(files.Length, MostDescriptors);
        byte data = 0;
        var control = stackalloc ulong[ControlRoom];
        control[0] = (ulong)(ControlHeader + (files.Length * sizeof(int)));
        var header = (int*)control;
        (header[2], header[3]) = (SOL_SOCKET, SCM_RIGHTS);
        for (var i = 0; i < files.Length; i++)
            header[4 + i] = files[i].Value;
        var vector = new IoVector { Base = &data, Length = 1 };

        // Whole words are sent: an odd number leaves half of one.
        var words = (ControlHeader / sizeof(ulong)) + ((files.Length + 1) / 2);
        var message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = (nuint)(words * sizeof(ulong)) };
        nint sent;
        do
            sent = sendmsg(socket.Value, &message, MSG_NOSIGNAL);
        while (sent < 0 && Libc.LastError == Errno.EINTR);
        if (sent < 0)
            throw new PosixException(Libc.LastError, "sendmsg");
        GC.KeepAlive(socket);
        foreach (var file in files)
            GC.KeepAlive(file);
    }

    [LibraryImport(Libc.Name)]
    private static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Libc.Name)]
    private static partial nint recvmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport(Libc.Name)]
    private static partial nint sendmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport(Libc.Name)]
    private static partial int fcntl(int fd, int command, nint argument);

    [StructLayout(LayoutKind.Sequential)]
    struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr of glibc and musl on 64-bit little-endian machines.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
