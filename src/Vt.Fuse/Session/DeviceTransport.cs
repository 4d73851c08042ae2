using System.Globalization;
using System.Runtime.InteropServices;
using Vt.Fuse.Protocol;
using Vt.Posix;
using Vt.Posix.Mounts;

namespace Vt.Fuse.Session;

/// <summary>
/// Speaks by reading and writing /dev/fuse: dedicated threads, each of which reads a request, has it handled, and writes one contiguous
/// reply to the descriptor that the request came from.
/// </summary>
sealed unsafe class DeviceTransport : FuseTransport
{
    /// <summary>FUSE_DEV_IOC_CLONE: a fresh descriptor of the device joins the connection of another.</summary>
    const uint CloneCommand = 0x8004E500;

    /// <summary>How many slots are kept beyond one for each thread.</summary>
    const int SpareSlots = 8;

    const int StackSize = 512 * 1024;

    readonly FileDescriptor _device;
    readonly FuseDispatcher _dispatcher;
    readonly FuseSessionOptions _options;
    readonly DeviceSlotPool _pool;
    readonly List<FileDescriptor> _clones = [];
    readonly TaskCompletionSource<FuseSessionEnd> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool _started;
    int _running;
    int _firstError;

    /// <param name="device">The connection, whose disposal is taken over.</param>
    /// <param name="dispatcher">Who answers.</param>
    /// <param name="options">How many threads, and more.</param>
    public DeviceTransport(FileDescriptor device, FuseDispatcher dispatcher, FuseSessionOptions options)
    {
        _device = device;
        _dispatcher = dispatcher;
        _options = options;
        var threads = options.ReaderThreads;
        _pool = new DeviceSlotPool(
            dispatcher, options.MaxWrite, threads + options.MaxDeferred, threads + SpareSlots, CloseDescriptors);
    }

    /// <inheritdoc/>
    public override Task<FuseSessionEnd> Completion => _completion.Task;

    /// <inheritdoc/>
    public override void Start()
    {
        _started = true;
        _running = _options.ReaderThreads;
        for (var i = 0; i < _options.ReaderThreads; i++)
        {
            var device = i == 0 || !_options.CloneDevice ? _device : CloneDevice();
            var thread = new Thread(() => Run(device), StackSize)
            {
                IsBackground = true,
                Name = "fuse-" + i.ToString(CultureInfo.InvariantCulture),
            };
            thread.Start();
        }
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

    /// <summary>Does nothing before <see cref="Start"/> beyond closing the device: after it the last reader frees everything.</summary>
    public override void Dispose()
    {
        if (!_started)
            _pool.Dispose();
    }

    void Run(FileDescriptor device)
    {
        IoFlusher.TrySetCurrentThread();
        var slot = _pool.Rent();
        Errno end;
        while (true)
        {
            var error = DeviceCalls.TryRead(device, slot.Message, slot.Room, out var length);
            if (error == Errno.OK)
            {
                // A request that isn't whole can't be answered, as its id can't be trusted; the kernel sends none.
                if (slot.Load(device, length, _dispatcher) && _dispatcher.Dispatch(slot))
                    slot = _pool.Rent();
            }
            else if (error is not (Errno.EINTR or Errno.EAGAIN or Errno.ENOENT))
            {
                // ENOENT: the caller went away before its request was read. Whatever isn't one of these three ends the reading.
                end = error;
                break;
            }
        }

        _pool.Return(slot);
        Interlocked.CompareExchange(ref _firstError, (int)end, 0);
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _dispatcher.Stop();
            _pool.Dispose();
            _completion.SetResult(new FuseSessionEnd((Errno)_firstError));
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

    FileDescriptor CloneDevice()
    {
        if (Files.TryOpen("/dev/fuse", OpenFlags.O_RDWR, 0, out var clone) != Errno.OK)
            return _device;
        var original = (uint)_device.Value;
        if (DeviceCalls.TryIoctl(clone, CloneCommand, &original, out _) != Errno.OK)
        {
            clone.Dispose();
            return _device;
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
}
