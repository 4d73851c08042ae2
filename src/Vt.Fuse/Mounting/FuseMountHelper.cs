using System.Diagnostics;
using System.Globalization;
using Vt.Posix;
using Vt.Posix.Sockets;

namespace Vt.Fuse.Mounting;

/// <summary>
/// Mounts through fusermount3, which may mount for users: it opens the device with the user's rights, mounts it, and passes the
/// descriptor over a socket. With auto_unmount it stays and unmounts when our end of the socket closes, however that comes.
/// </summary>
sealed class FuseMountHelper : IDisposable
{
    const string Program = "fusermount3";
    const string SocketVariable = "_FUSE_COMMFD";

    readonly FileDescriptor? _socket;

    FuseMountHelper(FileDescriptor? socket) => _socket = socket;

    /// <summary>Mounts.</summary>
    /// <param name="path">The mountpoint.</param>
    /// <param name="options">How.</param>
    /// <param name="device">The connection.</param>
    public static FuseMountHelper Mount(string path, FuseMountOptions options, out FileDescriptor device)
    {
        var (ours, theirs) = UnixSockets.CreatePair(forChild: true);
        Process process;
        using (theirs)
        {
            process = Start(path, ["-o", options.HelperOptions(), "--", path], theirs);
        }

        using (process)
        {
            if (UnixSockets.ReceiveDescriptor(ours) is { } received)
            {
                device = received;
                if (options.AutoUnmount)
                    return new FuseMountHelper(ours);
                ours.Dispose();
                process.WaitForExit();
                return new FuseMountHelper(null);
            }

            ours.Dispose();
            var message = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            throw new IOException($"mount {path}: {(message.Length > 0 ? message : Program + " gave no device")}");
        }
    }

    /// <summary>Detaches a mount of the user's; failing that, it is gone or will be seen in the mount table.</summary>
    public static void Unmount(string path)
    {
        try
        {
            using var process = Start(path, ["-u", "-z", "-q", "--", path], null);
            process.WaitForExit();
        }
        catch (IOException)
        {
            // Without the program there is nothing more that we could do; mount(2) has refused us already.
        }
    }

    /// <summary>Lets a waiting helper go.</summary>
    public void Dispose() => _socket?.Dispose();

    static Process Start(string path, string[] arguments, FileDescriptor? socket)
    {
        var info = new ProcessStartInfo(Program, arguments) { RedirectStandardError = true, UseShellExecute = false };
        if (socket is not null)
            info.Environment[SocketVariable] = socket.Value.ToString(CultureInfo.InvariantCulture);
        try
        {
            return Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            var message = $"mount {path}: {Program} can't be run (is the package fuse3 installed?): {exception.Message}";
            throw new IOException(message, exception);
        }
    }
}
