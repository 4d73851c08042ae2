using Vt.Fuse.Mounting;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// A mounted filesystem being served.
/// <list type="number">
/// <item>mounted → agreed (INIT was answered; <see cref="Mount"/> returns) → stopping (<see cref="StopAsync"/>, or somebody
/// unmounts) → ended (<see cref="Completion"/>; nothing is asked any more).</item>
/// <item>A process must not use its own mount. Opening, mapping or even stat'ing a file of it, or keeping a current folder, log,
/// library or temporary file there, can block the thread that would have to answer; a page fault on a mapping of it stops
/// the garbage collector and with it every thread, and not even SIGKILL ends that, only an abort in
/// /sys/fs/fuse/connections.</item>
/// <item>A process that is killed leaves its mount behind, on which all calls fail with ENOTCONN: <c>umount -l</c> removes it, and
/// so does the next mount of the same kind on the same place. With <see cref="FuseMountOptions.AutoUnmount"/> a helper process does.</item>
/// </list>
/// </summary>
public sealed class FuseSession : IAsyncDisposable
{
    static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(2);

    readonly FuseMount _mount;
    readonly FuseTransport _transport;
    readonly FuseDispatcher _dispatcher;

    FuseSession(FuseMount mount, FuseFileSystem fileSystem, FuseSessionOptions options, Action<Errno> onInit)
    {
        _mount = mount;
        _dispatcher = new FuseDispatcher(fileSystem, options, outcome =>
        {
            if (outcome == Errno.OK)
                _transport!.Open(Connection);
            onInit(outcome);
        });
        var device = mount.TakeDevice();
        _transport = options.IoUring == IoUringUse.On
            ? new RingTransport(device, _dispatcher, options)
            : new DeviceTransport(device, _dispatcher, options);
        Notifier = new FuseNotifier(_transport);
        Backing = new FuseBacking(_transport);
    }

    /// <summary>What was agreed with the kernel.</summary>
    public FuseConnection Connection => _dispatcher.Connection!;

    /// <summary>Tells the kernel of changes.</summary>
    public FuseNotifier Notifier { get; }

    /// <summary>Registers files that the kernel reads by itself, where <see cref="Protocol.FuseInitFlags.Passthrough"/> was agreed.</summary>
    public FuseBacking Backing { get; }

    /// <summary>The mount.</summary>
    public FuseMount MountPoint => _mount;

    /// <summary>Completes when the session has ended, for whatever reason.</summary>
    public Task<FuseSessionEnd> Completion => _transport.Completion;

    /// <summary>Mounts a filesystem and serves it; returns when the kernel has agreed and the mount answers.</summary>
    /// <param name="fileSystem">The filesystem.</param>
    /// <param name="mountPoint">An existing folder.</param>
    /// <param name="mountOptions">How to mount.</param>
    /// <param name="options">How to talk to the kernel.</param>
    /// <exception cref="PosixException">The mountpoint or the system doesn't allow it; EPROTO: the kernel is too old.</exception>
    /// <exception cref="IOException">fusermount3 refuses, or the kernel is silent, or io_uring is wanted and not to be had.</exception>
    public static FuseSession Mount(
        FuseFileSystem fileSystem, string mountPoint, FuseMountOptions mountOptions, FuseSessionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReaderThreads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ReaderThreads, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxReaderThreads, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxWrite, 4096);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxWrite, 4 << 20);

        var wanted = options.IoUring;
        if (wanted != IoUringUse.Off && RingTransport.WhyNot(options, mountOptions.AutoUnmount) is { } reason)
        {
            if (wanted == IoUringUse.On)
                throw new IOException($"mount {mountPoint}: {reason}");
            wanted = IoUringUse.Off;
        }

        options = options with { IoUring = wanted == IoUringUse.Off ? IoUringUse.Off : IoUringUse.On };
        var mount = FuseMount.Create(mountPoint, mountOptions with { MaxRead = mountOptions.MaxRead ?? options.MaxWrite });
        var agreed = new TaskCompletionSource<Errno>(TaskCreationOptions.RunContinuationsAsynchronously);
        FuseSession session;
        try
        {
            session = new FuseSession(mount, fileSystem, options, error => agreed.TrySetResult(error));
        }
        catch (IOException)
        {
            mount.Detach();
            mount.Dispose();
            throw;
        }

        session._transport.Start();
        Task.WaitAny([agreed.Task, session.Completion], options.StartTimeout);
        if (agreed.Task.IsCompleted && agreed.Task.Result == Errno.OK && (wanted != IoUringUse.On || session.Connection.IsOverIoUring))
            return session;

        mount.Detach();
        mount.Dispose();
        if (agreed.Task.IsCompleted && agreed.Task.Result == Errno.OK)
            throw new IOException($"mount {mountPoint}: the kernel doesn't offer io_uring for FUSE");
        if (agreed.Task.IsCompleted)
            throw new PosixException(agreed.Task.Result, "FUSE_INIT", mountPoint);
        throw session.Completion.IsCompleted
            ? new PosixException(session.Completion.Result.Error, "read", "/dev/fuse")
            : new IOException($"mount {mountPoint}: the kernel said nothing for {options.StartTimeout.TotalSeconds:0} s");
    }

    /// <summary>
    /// Takes the mount out of the tree and waits for the end, which comes when the last open file and current folder in it are
    /// gone; if that takes longer than <paramref name="patience"/> cuts the connection, where the system lets us.
    /// </summary>
    /// <param name="patience">How long users of the mount get.</param>
    /// <returns>Whether it ended. If not, the end of the process will end it.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        _mount.Detach();
        if (await EndsWithinAsync(patience))
            return true;
        return _mount.TryAbort() && await EndsWithinAsync(AbortTimeout);
    }

    /// <summary>
    /// Makes an instant in which nobody is between the beginning and the end of a request, for what has to be one step to all who use the mount. Whatever
    /// comes meanwhile waits in the kernel or in reader threads. What is done in a pause must not need an answer of this mount, and nothing may be told to the
    /// kernel (<see cref="Notifier"/>): whoever it waits for may be waiting here.
    /// </summary>
    /// <param name="except">The request that asks for it, which is under way; 0 for none.</param>
    /// <param name="patience">How long the requests under way get.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>To be disposed at the end; null where somebody else makes one, or a request under way takes longer than that.</returns>
    public ValueTask<IDisposable?> TryPauseAsync(ulong except, TimeSpan patience, CancellationToken cancellationToken = default) =>
        _dispatcher.TryPauseAsync(except, patience, cancellationToken);

    /// <summary>Stops as <see cref="StopAsync"/> does, at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Completion.IsCompleted)
            await StopAsync(TimeSpan.Zero);
        _transport.Dispose();
        _mount.Dispose();
    }

    async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        if (Completion.IsCompleted)
            return true;
        using var stop = new CancellationTokenSource();
        var first = await Task.WhenAny(Completion, Task.Delay(time, stop.Token));
        await stop.CancelAsync();
        return first == Completion;
    }
}
