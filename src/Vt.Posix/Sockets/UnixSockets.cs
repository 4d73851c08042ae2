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
    const int F_SETFD = 2;

    /// <summary>Bytes of a control message's header before its data.</summary>
    const int ControlHeader = 16;

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
        byte data;
        var control = stackalloc ulong[4];
        var vector = new IoVector { Base = &data, Length = 1 };
        nint got;
        MessageHeader message;
        do
        {
            message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 4 * sizeof(ulong) };
            got = recvmsg(socket.Value, &message, MSG_CMSG_CLOEXEC);
        }
        while (got < 0 && Libc.LastError == Errno.EINTR);

        if (got < 0)
            throw new PosixException(Libc.LastError, "recvmsg");
        GC.KeepAlive(socket);
        var header = (int*)control; // size_t length, int level, int type
        var hasControl = got > 0 && message.ControlLength >= ControlHeader + sizeof(int);
        return hasControl && header[2] == SOL_SOCKET && header[3] == SCM_RIGHTS ? new FileDescriptor(header[4]) : null;
    }

    [LibraryImport(Libc.Name)]
    private static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Libc.Name)]
    private static partial nint recvmsg(int fd, MessageHeader* message, int flags);

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
