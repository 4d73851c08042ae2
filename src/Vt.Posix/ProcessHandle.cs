using System.Runtime.InteropServices;
using Vt.Posix.Sockets;

namespace Vt.Posix;

/// <summary>A process that stays the same one even when its number is given away again (pidfd_open(2)).</summary>
public sealed partial class ProcessHandle : IDisposable
{
    // The same number on every architecture, as for all calls added since Linux 5.1.
    const long PidfdOpen = 434;

    static readonly TimeSpan CancellationInterval = TimeSpan.FromMilliseconds(200);

    readonly FileDescriptor _file;

    ProcessHandle(FileDescriptor file) => _file = file;

    /// <summary>Takes hold of a process.</summary>
    /// <param name="id">Its number.</param>
    /// <returns>Null where there is no such process, or the kernel can't do it.</returns>
    public static ProcessHandle? TryOpen(int id)
    {
        var file = (int)syscall(PidfdOpen, id, 0);
        return file < 0 ? null : new ProcessHandle(new FileDescriptor(file));
    }

    /// <summary>Waits for its end, on the calling thread.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <param name="cancellationToken">Gives up; looked at a few times a second.</param>
    /// <returns>Whether it has ended.</returns>
    public bool WaitForEnd(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var left = timeout - TimeProvider.System.GetElapsedTime(start);
            if (left < TimeSpan.Zero)
                left = TimeSpan.Zero;
            if (Polling.Wait(_file, PollEvents.POLLIN, left < CancellationInterval ? left : CancellationInterval) != PollEvents.None)
                return true;
            if (left == TimeSpan.Zero)
                return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    [LibraryImport(Libc.Name)]
    private static partial long syscall(long number, long id, long flags);
}
