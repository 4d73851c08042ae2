using System.Diagnostics;
using Vt.Fuse.Protocol;
using Vt.Posix;
using Vt.Posix.Rings;

namespace Vt.Fuse.Session;

/// <summary>
/// Speaks by io_uring: a <see cref="Ring"/> for each processor, and beside them the device for what the kernel sends only there: INIT,
/// forgetting, interrupts, and notifications to it. Where a registration fails, the kernel goes back to the device with everything.
/// </summary>
sealed class RingTransport : FuseTransport
{
    const string SwitchFile = "/sys/module/fuse/parameters/enable_uring";

    /// <summary>An extended attribute with its name is one request.</summary>
    const int LeastWrite = 128 * 1024;

    // All queues together have at most this many slots, as long as each then has as many as a few callers need. How many bytes are out at once is
    // bounded by the kernel; what was touched stays.
    const int SlotBudget = 128;
    const int LeastDepth = 4;
    const int MostDepth = 16;

    /// <summary>Of a queue whose processor this process may not use, or which isn't there yet.</summary>
    const int SpareDepth = 2;

    /// <summary>How soon after a handler began is looked whether it holds up its ring.</summary>
    static readonly TimeSpan WatchDelay = TimeSpan.FromMilliseconds(2);

    /// <summary>A handler that takes this long is relieved; most that wait for a disk have ended by then.</summary>
    static readonly long HeldUpAfter = Stopwatch.Frequency / 1000;

    readonly FuseDispatcher _dispatcher;
    readonly DeviceTransport _device;
    readonly Ring[] _rings;
    readonly Timer _watch;
    readonly TaskCompletionSource<FuseSessionEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _threadsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _threads = 1; // one for whoever waits for the others
    int _watchArmed;
    bool _started;

    /// <param name="device">The connection, whose disposal is taken over unless this fails.</param>
    /// <param name="dispatcher">Who answers.</param>
    /// <param name="options">How many threads may run handlers that wait, and more.</param>
    /// <exception cref="PosixException">The system has no more rings, descriptors or memory.</exception>
    public RingTransport(FileDescriptor device, FuseDispatcher dispatcher, FuseSessionOptions options)
    {
        _dispatcher = dispatcher;
        var rings = new List<Ring>();
        try
        {
            foreach (var (processor, queues) in Share(Processors.GetAllowed(), Processors.CountPossible()))
                rings.Add(new Ring(this, dispatcher, device, processor, queues, options.MaxWrite));
        }
        catch (IOException)
        {
            rings.ForEach(static ring => ring.Dispose());
            device.Dispose();
            throw;
        }

        _rings = [.. rings];
        _device = new DeviceTransport(device, dispatcher, options with { ReaderThreads = 1, CloneDevice = false, PollTime = TimeSpan.Zero }, stopsDispatcher: false);
        Workers = new RingWorkers(dispatcher, Pace, Math.Max(1, options.MaxReaderThreads), _rings.Sum(static ring => ring.SlotCount));
        _watch = new Timer(_ => Watch());
    }

    /// <inheritdoc/>
    public override Task<FuseSessionEnd> Completion => _completion.Task;

    /// <summary>Which operations are slow.</summary>
    public RingPace Pace { get; } = new();

    /// <summary>Run the handlers of those.</summary>
    public RingWorkers Workers { get; }

    /// <summary>What keeps requests from travelling by io_uring here, in words for whoever wants them to; null if nothing does.</summary>
    /// <param name="options">How to talk to the kernel.</param>
    /// <param name="autoUnmount">Whether fusermount3 watches over the mount. Of a killed server the kernel takes the rings down some moments after all
    /// else, and until then fusermount3 finds the mount alive and leaves it.</param>
    public static string? WhyNot(FuseSessionOptions options, bool autoUnmount)
    {
        if (autoUnmount)
            return "auto_unmount and io_uring exclude each other";
        if (options.MaxWrite < LeastWrite)
            return $"io_uring wants writes of {LeastWrite >> 10} KiB at least";
        if (!File.Exists(SwitchFile))
            return "FUSE over io_uring wants Linux 6.14 or newer";
        try
        {
            if (File.ReadAllText(SwitchFile).Trim() is not ("Y" or "1"))
                return $"FUSE over io_uring is switched off; 'echo Y > {SwitchFile}' (as root) switches it on";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{SwitchFile} can't be read";
        }

        var error = IoUring.TryCreate(1, out var trial);
        trial?.Dispose();
        return error == Errno.OK ? null : $"the system allows no io_uring (io_uring_setup: {PosixException.TextOf(error)}; see kernel.io_uring_disabled)";
    }

    /// <summary>Which queues each ring serves: its processor's, and a share of those that have no ring.</summary>
    /// <param name="allowed">Processors that threads may run on.</param>
    /// <param name="possible">How many queues there are.</param>
    internal static IEnumerable<(int? Processor, IReadOnlyList<(int Queue, int Depth)> Queues)> Share(IReadOnlyList<int> allowed, int possible)
    {
        var depth = Math.Clamp(SlotBudget / possible, LeastDepth, MostDepth);
        var processors = allowed.Where(number => number < possible).Select(static number => (int?)number).DefaultIfEmpty(null).ToArray();
        var others = Enumerable.Range(0, possible).Where(number => !processors.Contains(number)).ToArray();
        for (var i = 0; i < processors.Length; i++)
        {
            var share = others.Where((_, index) => index % processors.Length == i).Select(queue => (queue, Math.Min(depth, SpareDepth)));
            yield return (processors[i], processors[i] is { } own ? [(own, depth), .. share] : [.. share]);
        }
    }

    /// <inheritdoc/>
    public override void Start()
    {
        _started = true;
        _device.Start();
        _ = RunAsync();
    }

    /// <inheritdoc/>
    public override void Open(FuseConnection connection)
    {
        if (!connection.IsOverIoUring)
            return;
        foreach (var ring in _rings)
            ring.Start();
    }

    /// <inheritdoc/>
    public override Errno Notify(NotifyCode code, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, bool nul) => _device.Notify(code, head, tail, nul);

    /// <inheritdoc/>
    public override unsafe Errno Ioctl(uint command, void* argument, out int result) => _device.Ioctl(command, argument, out result);

    /// <summary>Does nothing after <see cref="Start"/>: the end of the connection frees everything.</summary>
    public override void Dispose()
    {
        if (_started)
            return;
        _device.Dispose();
        _watch.Dispose();
        foreach (var ring in _rings)
            ring.Dispose();
    }

    /// <summary>A thread of a ring begins.</summary>
    public void Enter() => Interlocked.Increment(ref _threads);

    /// <summary>A thread of a ring has ended.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _threads) == 0)
            _threadsEnded.SetResult();
    }

    /// <summary>Has it looked soon whether a handler holds up its ring; costs next to nothing while short requests fly.</summary>
    public void ArmWatch()
    {
        if (Volatile.Read(ref _watchArmed) == 0 && Interlocked.Exchange(ref _watchArmed, 1) == 0)
            TryArm();
    }

    async Task RunAsync()
    {
        var end = await _device.Completion;
        foreach (var ring in _rings)
            ring.End();
        Leave();
        await _threadsEnded.Task;
        await Workers.DisposeAsync();
        await _watch.DisposeAsync();
        _dispatcher.Stop();
        foreach (var ring in _rings)
            ring.Dispose();
        _completion.SetResult(end);
    }

    void Watch()
    {
        if (AnyHandles() && TryArm())
            return;
        Volatile.Write(ref _watchArmed, 0);
        Interlocked.MemoryBarrier();
        if (AnyHandles())
            ArmWatch(); // it may have begun while the flag was still up
    }

    bool AnyHandles()
    {
        var any = false;
        foreach (var ring in _rings)
            any |= ring.Watch(HeldUpAfter);
        return any;
    }

    bool TryArm()
    {
        try
        {
            return _watch.Change(WatchDelay, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
