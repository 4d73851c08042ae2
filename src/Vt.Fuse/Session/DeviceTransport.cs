using System.Diagnostics;
using System.Runtime.InteropServices;
using Vt.Fuse.Protocol;
using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Fuse.Session;

/// <summary>
/// Speaks by reading and writing /dev/fuse: dedicated threads, each of which reads a request, has it handled, and writes one contiguous
/// reply to the descriptor that the request came from.
/// <para>A few readers serve short requests best, as the kernel wakes the one that has slept longest. When for a while none of them was
/// waiting, handlers block, and another is added; one that is no longer needed leaves.</para>
/// </summary>
sealed unsafe class DeviceTransport : FuseTransport
{
    /// <summary>FUSE_DEV_IOC_CLONE: a fresh descriptor of the device joins the connection of another.</summary>
    const uint CloneCommand = 0x8004E500;

    /// <summary>How many slots are kept beyond one for each thread.</summary>
    const int SpareSlots = 8;

    const int StackSize = 1024 * 1024;

    /// <summary>How many requests an added reader sees others wait through before it leaves.</summary>
    const int LeaveAfter = 256;

    /// <summary>How soon after the last free reader went to work is looked whether all are held up.</summary>
    static readonly TimeSpan GrowthDelay = TimeSpan.FromMilliseconds(2);

    /// <summary>A handler that only computes is done long before; one that takes longer waits for something.</summary>
    static readonly TimeSpan BlockedAfter = TimeSpan.FromMicroseconds(150);

    readonly FileDescriptor _device;
    readonly FuseDispatcher _dispatcher;
    readonly FuseSessionOptions _options;
    readonly bool _stopsDispatcher;
    readonly DeviceSlotPool _pool;
    readonly List<FileDescriptor> _clones = [];
    readonly TaskCompletionSource<FuseSessionEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _readersGate = new(); // guards _readers and _ended
    readonly List<Reader> _readers = [];
    readonly Timer _growth;
    bool _started;
    bool _ended;
    int _waiting;
    int _polling;
    int _growthArmed;
    int _firstError;

    /// <param name="device">The connection, whose disposal is taken over.</param>
    /// <param name="dispatcher">Who answers.</param>
    /// <param name="options">How many threads, and more.</param>
    /// <param name="stopsDispatcher">Whether nothing is asked any more once this has ended.</param>
    public DeviceTransport(FileDescriptor device, FuseDispatcher dispatcher, FuseSessionOptions options, bool stopsDispatcher = true)
    {
        _stopsDispatcher = stopsDispatcher;
        _device = device;
        _dispatcher = dispatcher;
        _options = options;
        _pool = new DeviceSlotPool(
            dispatcher, options.MaxWrite, MaxReaders + options.MaxDeferred, options.ReaderThreads + SpareSlots, CloseDescriptors);
        _growth = new Timer(_ => Grow());
    }

    /// <inheritdoc/>
    public override Task<FuseSessionEnd> Completion => _completion.Task;

    int MaxReaders => Math.Max(_options.ReaderThreads, _options.MaxReaderThreads);

    /// <inheritdoc/>
    public override void Start()
    {
        _started = true;
        var devices = new FileDescriptor[_options.ReaderThreads];
        for (var i = 0; i < devices.Length; i++)
            devices[i] = i == 0 || !_options.CloneDevice ? _device : TryCloneDevice(OpenFlags.O_RDWR) ?? _device;
        var polled = new FileDescriptor?[devices.Length];
        for (var i = 0; i < polled.Length && _options.PollTime > TimeSpan.Zero; i++)
            polled[i] = TryCloneDevice(OpenFlags.O_RDWR | OpenFlags.O_NONBLOCK);
        for (var i = 0; i < devices.Length; i++)
            TryAddReader(devices[i], polled[i], isExtra: false);
    }

    /// <inheritdoc/>
    public override Errno Notify(NotifyCode code, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, bool nul)
    {
        var length = sizeof(OutHeader) + head.Length + tail.Length + (nul ? 1 : 0);
        var message = (byte*)NativeMemory.Alloc((nuint)length);
        try
        {
            *(OutHeader*)message = new OutHeader { Length = (uint)length, Error = (int)code };
            var body = new Span<byte>(message + sizeof(OutHeader), length - sizeof(OutHeader));
            head.CopyTo(body);
            tail.CopyTo(body[head.Length..]);
            if (nul)
                body[^1] = 0;
            return Write(message, length);
        }
        finally
        {
            NativeMemory.Free(message);
        }
    }

    /// <inheritdoc/>
    public override Errno Ioctl(uint command, void* argument, out int result)
    {
        var isHeld = false;
        try
        {
            _device.DangerousAddRef(ref isHeld);
            return DeviceCalls.TryIoctl(_device, command, argument, out result);
        }
        catch (ObjectDisposedException)
        {
            result = -1;
            return Errno.ENODEV;
        }
        finally
        {
            if (isHeld)
                _device.DangerousRelease();
        }
    }

    /// <summary>Does nothing before <see cref="Start"/> beyond closing the device: after it the last reader frees everything.</summary>
    public override void Dispose()
    {
        if (!_started)
            _pool.Dispose();
    }

    bool TryAddReader(FileDescriptor device, FileDescriptor? polled, bool isExtra)
    {
        var reader = new Reader();
        lock (_readersGate)
        {
            if (_ended || _readers.Count >= MaxReaders)
                return false;
            _readers.Add(reader);
        }

        var thread = new Thread(() => Run(device, polled, reader, isExtra), StackSize) { IsBackground = true, Name = "fuse" };
        thread.Start();
        return true;
    }

    void Run(FileDescriptor device, FileDescriptor? polled, Reader reader, bool isExtra)
    {
        IoFlusher.TrySetCurrentThread();
        var slot = _pool.Rent();
        var unneeded = 0;
        var pace = new PollPace(polled is null ? TimeSpan.Zero : _options.PollTime);
        while (!isExtra || unneeded < LeaveAfter)
        {
            Interlocked.Increment(ref _waiting);
            var source = polled!;
            if (!pace.IsDue() || !TryPoll(source, pace, slot, out var error, out var length))
            {
                source = device;
                error = DeviceCalls.TryRead(source, slot.Message, slot.Room, out length);
            }

            var stillWaiting = Interlocked.Decrement(ref _waiting);
            if (error == Errno.OK)
            {
                if (stillWaiting == 0)
                    ArmGrowth();
                unneeded = stillWaiting >= _options.ReaderThreads ? unneeded + 1 : 0;

                // A request that isn't whole can't be answered, as its id can't be trusted; the kernel sends none.
                Volatile.Write(ref reader.BusySince, Stopwatch.GetTimestamp());
                if (slot.Load(source, length, _dispatcher) && _dispatcher.Dispatch(slot))
                    slot = _pool.Rent();
                Volatile.Write(ref reader.BusySince, 0);
            }
            else if (error is not (Errno.EINTR or Errno.EAGAIN or Errno.ENOENT))
            {
                // ENOENT: the caller went away before its request was read. Whatever isn't one of these three ends the reading.
                Interlocked.CompareExchange(ref _firstError, (int)error, 0);
                break;
            }
        }

        _pool.Return(slot);
        Leave(reader);
    }

    // Looks for a request, where no other reader does; false where none came.
    bool TryPoll(FileDescriptor polled, PollPace pace, DeviceSlot slot, out Errno error, out int length)
    {
        (error, length) = (Errno.EAGAIN, 0);
        if (Volatile.Read(ref _polling) != 0 || Interlocked.Exchange(ref _polling, 1) != 0)
            return false;
        for (var until = pace.Until(); error == Errno.EAGAIN && Stopwatch.GetTimestamp() < until;)
        {
            error = DeviceCalls.TryRead(polled, slot.Message, slot.Room, out length);
            if (error == Errno.EAGAIN)
                Thread.Yield();
        }

        Volatile.Write(ref _polling, 0);
        pace.Note(hasFound: error != Errno.EAGAIN);
        return error != Errno.EAGAIN;
    }

    void Leave(Reader reader)
    {
        lock (_readersGate)
        {
            _readers.Remove(reader);
            if (_readers.Count > 0)
                return;
            _ended = true;
        }

        _growth.Dispose();
        if (_stopsDispatcher)
            _dispatcher.Stop();
        _pool.Dispose();
        _completion.SetResult(new FuseSessionEnd((Errno)_firstError));
    }

    /// <summary>Has it looked soon whether all readers are held up; costs next to nothing while short requests fly.</summary>
    void ArmGrowth()
    {
        if (Volatile.Read(ref _growthArmed) == 0 && Interlocked.Exchange(ref _growthArmed, 1) == 0)
            TryArm();
    }

    void Grow()
    {
        if (AreAllBlocked() && !TryAddReader(_device, polled: null, isExtra: true))
        {
            // There are as many as there may be: look again when one was free and isn't any more.
            Volatile.Write(ref _growthArmed, 0);
            return;
        }

        if (Volatile.Read(ref _waiting) == 0 && TryArm())
            return;
        Volatile.Write(ref _growthArmed, 0);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _waiting) == 0)
            ArmGrowth(); // the last free reader may have gone to work while the flag was still up
    }

    bool AreAllBlocked()
    {
        var limit = Stopwatch.GetTimestamp() - (long)(BlockedAfter.TotalSeconds * Stopwatch.Frequency);
        lock (_readersGate)
        {
            foreach (var reader in _readers)
            {
                var since = Volatile.Read(ref reader.BusySince);
                if (since == 0 || since > limit)
                    return false;
            }
        }

        return true;
    }

    bool TryArm()
    {
        try
        {
            return _growth.Change(GrowthDelay, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Writes to the device unless it is closed; the session may end while somebody notifies.</summary>
    Errno Write(byte* message, int length)
    {
        var isHeld = false;
        try
        {
            _device.DangerousAddRef(ref isHeld);
            return DeviceCalls.TryWrite(_device, message, length);
        }
        catch (ObjectDisposedException)
        {
            return Errno.ENODEV;
        }
        finally
        {
            if (isHeld)
                _device.DangerousRelease();
        }
    }

    // Before the readers start, and kept until they have ended.
    FileDescriptor? TryCloneDevice(OpenFlags flags)
    {
        if (PosixFile.TryOpen("/dev/fuse", flags, 0, out var clone) != Errno.OK)
            return null;
        var original = (uint)_device.Value;
        if (DeviceCalls.TryIoctl(clone, CloneCommand, &original, out _) != Errno.OK)
        {
            clone.Dispose();
            return null;
        }

        _clones.Add(clone);
        return clone;
    }

    void CloseDescriptors()
    {
        foreach (var clone in _clones)
            clone.Dispose();
        _device.Dispose();
    }

    /// <summary>What is known of a reader thread.</summary>
    sealed class Reader
    {
        /// <summary>When it began the request that it works on, in ticks of <see cref="Stopwatch"/>; zero while it waits for one.</summary>
        public long BusySince;
    }
}
