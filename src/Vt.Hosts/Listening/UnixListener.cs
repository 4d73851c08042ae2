using System.Net.Sockets;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;

namespace Vt.Hosts.Listening;

/// <summary>
/// A unix socket that waits for clients at a path. One process at a time has the path: a lock beside it says which, so that a socket that a killed
/// process left is no obstacle. The socket has its permissions before anybody can see it.
/// </summary>
public sealed class UnixListener : IDisposable
{
    const int Backlog = 4096;
    const uint LockMode = 0x180;

    readonly string _path;
    readonly FileDescriptor _lock;
    bool _isTaken;

    UnixListener(string path, FileDescriptor hold, Socket socket)
    {
        _path = path;
        _lock = hold;
        Socket = socket;
    }

    /// <summary>The socket; whoever listens to it closes it.</summary>
    public Socket Socket { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="path">The path, absolute; its folder is made.</param>
    /// <param name="mode">The socket's permissions.</param>
    /// <exception cref="UserErrorException">Somebody serves there, or the socket can't be made.</exception>
    public static UnixListener Bind(string path, uint mode)
    {
        FileDescriptor? hold = null;
        Socket? socket = null;
        var fresh = $"{path}.{Environment.ProcessId}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            hold = PosixFile.Open($"{path}.lock", OpenFlags.O_RDWR | OpenFlags.O_CREAT, LockMode);
            if (!Locks.Flock(hold, LockKind.Exclusive, wait: false))
                throw new UserErrorException($"{path}: somebody serves there already; end it first, or say another address");
            if (File.Exists(path) && !IsSocket(path))
                throw new UserErrorException($"{path}: there is a file that is no socket; say another address");
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            File.Delete(fresh);
            socket.Bind(new UnixDomainSocketEndPoint(fresh));
            Ownership.TryChmodAt(FileDescriptor.CurrentDirectory, LosslessText.ToBytes(fresh), mode);
            socket.Listen(Backlog);
            File.Move(fresh, path, overwrite: true);
            return new UnixListener(path, hold, socket);
        }
        catch (Exception fault)
        {
            socket?.Dispose();
            hold?.Dispose();
            throw fault switch
            {
                ArgumentException => new UserErrorException($"{path}: the path is too long for a socket", fault),
                IOException or UnauthorizedAccessException or SocketException => new UserErrorException($"{path}: the socket can't be made: {fault.Message}", fault),
                _ => fault,
            };
        }
    }

    /// <summary>The socket's descriptor, which whoever takes it closes from then on.</summary>
    public nint TakeHandle()
    {
        var handle = Socket.SafeHandle.DangerousGetHandle();
        Socket.SafeHandle.SetHandleAsInvalid();
        _isTaken = true;
        return handle;
    }

    /// <summary>Takes the path away, and lets others have it.</summary>
    public void Dispose()
    {
        // Closing a socket waits for its handle to be released, which one that was taken never is.
        if (!_isTaken)
            Socket.Dispose();
        File.Delete(_path);
        _lock.Dispose();
    }

    static bool IsSocket(string path) => PosixFile.Lstat(path).Type == ModeBits.S_IFSOCK;
}
