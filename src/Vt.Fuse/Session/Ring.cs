using System.Diagnostics;
using Vt.Fuse.Protocol;
using Vt.Posix;
using Vt.Posix.Mounts;
using Vt.Posix.Rings;

namespace Vt.Fuse.Session;

/// <summary>
/// An io_uring through which the kernel hands requests of one processor's callers and takes the replies. One call of the system brings the
/// replies that are ready and waits for the next requests.
/// <list type="number">
/// <item>Each slot is in exactly one place: with the kernel; with the thread that drives; with a worker or a deferral; among the answered, which
/// whoever drives gives to the kernel; or freed, for good.</item>
/// <item>One thread drives at a time: the main thread, on the ring's processor, which answers what is quick itself and gives what is slow to the
/// workers; or, while that one is held up in a handler, the relief, which gives everything to the workers, and gives the role
/// back as soon as the main thread wants it. So nothing that a handler waits for is ever behind it.</item>
/// <item>Only these two threads submit, and they last until the ring has ended: what a thread has submitted is cancelled when it ends.</item>
/// </list>
/// <para>driven by main ⇄ driven by relief → over (the connection is gone: the kernel gives back all slots that it has) → ended (no thread
/// drives; slots that are still out are freed as they come back).</para>
/// </summary>
sealed unsafe class Ring : IDisposable
{
    const uint RegisterCommand = 1;
    const uint CommitCommand = 2;
    const int QueueOffset = 16; // in the command's own part, behind its flags and the exchange's name
    const int CommitOffset = 8;
    const int IovecCount = 2;
    const ulong WakeTag = ulong.MaxValue;
    const int StackSize = 1024 * 1024;

    /// <summary>How often a slot may be refused in a row before it is given up.</summary>
    const int MostRefusals = 8;

    // The turn: four times the number of handlers run by the main thread, and one of these.
    const long Driving = 0;
    const long Handling = 1;
    const long Relieved = 2;
    const long PhaseMask = 3;
    const long NextTurn = 4;

    /// <summary>A handler that takes longer than this lets replies that are ready not wait for the next one.</summary>
    static readonly long Unhurried = Stopwatch.Frequency / 50_000;

    readonly RingTransport _transport;
    readonly FuseDispatcher _dispatcher;
    readonly IoUring _ring;
    readonly EventCounter _wake = new();
    readonly AnonymousMemory _memory;
    readonly ulong* _wakeCount;
    readonly RingSlot[] _slots;
    readonly RingSlot _closed; // stands first in _answered for good when nobody drives any more
    readonly int? _processor;
    readonly SemaphoreSlim _mainTurn = new(0);
    readonly SemaphoreSlim _reliefTurn = new(0);
    RingSlot? _answered;
    int _asleep;
    long _turn;
    long _busySince;
    FuseOpcode _busyWith;
    bool _isMainBack;
    bool _hasRelief;
    bool _isEnding;
    bool _isOver;
    bool _isBroken;
    bool _isWakeArmed;
    bool _hasEnded;
    int _withKernel;
    int _unsubmitted;
    int _unfreed;

    /// <param name="transport">Whose ring it is.</param>
    /// <param name="dispatcher">Who answers.</param>
    /// <param name="device">The connection.</param>
    /// <param name="processor">Where the main thread runs; null for anywhere.</param>
    /// <param name="queues">The kernel's queues that it serves, and how many slots each gets.</param>
    /// <param name="maxWrite">Most bytes of a request's data.</param>
    /// <exception cref="PosixException">The system has no more rings, descriptors or memory.</exception>
    public Ring(
        RingTransport transport, FuseDispatcher dispatcher, FileDescriptor device, int? processor, IReadOnlyList<(int Queue, int Depth)> queues, int maxWrite)
    {
        _transport = transport;
        _dispatcher = dispatcher;
        _processor = processor;
        var count = queues.Sum(queue => queue.Depth);
        var error = IoUring.TryCreate(count + 1, out var ring);
        if (error == Errno.OK && ring!.TryRegister(device) is var refused && refused != Errno.OK)
        {
            ring.Dispose();
            error = refused;
        }

        if (error != Errno.OK)
        {
            _wake.Dispose();
            throw new PosixException(error, "io_uring_setup");
        }

        _ring = ring!;
        long page = Environment.SystemPageSize;
        long room = (RingSlot.PayloadRoom(maxWrite) + page - 1) / page * page;
        var headers = (((count + 1) * RingSlot.HeadersRoom) + page - 1) / page * page;
        _memory = new AnonymousMemory(headers + (count * room));
        _slots = new RingSlot[count];
        var index = 0;
        foreach (var (queue, depth) in queues)
        {
            for (var i = 0; i < depth; i++, index++)
            {
                _slots[index] = new RingSlot(_memory.Start + (index * RingSlot.HeadersRoom), _memory.Start + headers + (index * room), maxWrite, Return)
                {
                    Queue = (ushort)queue,
                    Index = index,
                };
            }
        }

        _wakeCount = (ulong*)(_memory.Start + (count * RingSlot.HeadersRoom));
        _closed = _slots[0];
        _unfreed = count + 1; // one for the transport, whose readers look into slots for victims of interrupts
        foreach (var slot in _slots)
            dispatcher.Register(slot);
    }

    /// <summary>How many requests may be out at once.</summary>
    public int SlotCount => _slots.Length;

    /// <summary>Begins to serve, once the kernel has agreed.</summary>
    public void Start() => StartThread(RunMain, "fuse ring");

    /// <summary>The connection is gone: slots that the kernel doesn't have are not given to it any more.</summary>
    public void End()
    {
        Volatile.Write(ref _isEnding, true);
        _wake.Signal();
    }

    /// <summary>Lets the memory go when the last slot is back; the transport looks into none any more.</summary>
    public void Dispose()
    {
        foreach (var slot in _slots)
        {
            _dispatcher.Unregister(slot);
            slot.Dispose();
        }

        if (!_hasEnded)
        {
            // It was never started.
            _hasEnded = true;
            _ring.Dispose();
            _wake.Dispose();
            _unfreed = 1;
        }

        Free();
    }

    /// <summary>Looks whether a handler holds up the main thread, and if so has it relieved.</summary>
    /// <param name="limit">How long is too long, in ticks of <see cref="Stopwatch"/>.</param>
    /// <returns>Whether a handler is running.</returns>
    public bool Watch(long limit)
    {
        var turn = Volatile.Read(ref _turn);
        if ((turn & PhaseMask) != Handling)
            return false;
        var since = Volatile.Read(ref _busySince);
        var opcode = _busyWith;
        if (Stopwatch.GetTimestamp() - since < limit || Interlocked.CompareExchange(ref _turn, turn - Handling + Relieved, turn) != turn)
            return true;
        _transport.Pace.MarkSlow(opcode);
        if (!_hasRelief)
        {
            _hasRelief = true;
            StartThread(RunRelief, "fuse relief");
        }

        _reliefTurn.Release();
        return true;
    }

    void StartThread(Action run, string name)
    {
        _transport.Enter();
        new Thread(() => run(), StackSize) { IsBackground = true, Name = name }.Start();
    }

    void RunMain()
    {
        if (_processor is { } processor)
            Processors.TryPinCurrentThread(processor);
        IoFlusher.TrySetCurrentThread();
        ArmWake();
        foreach (var slot in _slots)
            Prepare(slot);
        while (Drive(isRelief: false))
        {
            Volatile.Write(ref _isMainBack, true);
            Wake();
            _mainTurn.Wait();
            if (Volatile.Read(ref _hasEnded))
                break;
            Volatile.Write(ref _turn, (_turn & ~PhaseMask) + NextTurn + Driving);
        }

        if (!_hasEnded)
            Close();
        _reliefTurn.Release();
        _ring.Dispose();
        _wake.Dispose();
        _transport.Leave();
    }

    void RunRelief()
    {
        IoFlusher.TrySetCurrentThread();
        while (true)
        {
            _reliefTurn.Wait();
            if (Volatile.Read(ref _hasEnded))
                break;
            if (!Drive(isRelief: true))
                Close();
            _mainTurn.Release();
            if (_hasEnded)
                break;
        }

        _transport.Leave();
    }

    /// <summary>Serves until the role goes to the other thread.</summary>
    /// <returns>False if the ring is over.</returns>
    bool Drive(bool isRelief)
    {
        while (true)
        {
            TakeAnswered();
            if (isRelief && Volatile.Read(ref _isMainBack))
            {
                Volatile.Write(ref _isMainBack, false);
                return true;
            }

            if (IsOver())
                return false;
            Submit();
            while (_ring.TryTakeResult(out var tag, out var result))
            {
                if (tag == WakeTag)
                {
                    _isWakeArmed = false;
                    if (!_isOver)
                        ArmWake();
                    continue;
                }

                _withKernel--;
                var slot = _slots[tag];
                if (result < 0)
                    Refused(slot, (Errno)(-result));
                else if (!Take(slot, isRelief))
                    return true;
            }
        }
    }

    /// <summary>Submits what is prepared, and waits for a result unless there is something to do.</summary>
    void Submit()
    {
        // Whoever adds an answered slot looks whether we sleep after it did; we look for answered ones after we said that we do.
        Interlocked.Exchange(ref _asleep, 1);
        var isIdle = Volatile.Read(ref _answered) is null && !Volatile.Read(ref _isMainBack);
        var error = _ring.TryEnter(isIdle ? 1 : 0);
        Volatile.Write(ref _asleep, 0);
        _unsubmitted = 0;
        _isBroken = error is not (Errno.OK or Errno.EINTR or Errno.EAGAIN or Errno.EBUSY);
    }

    /// <summary>Has a request answered.</summary>
    /// <returns>False if the main thread has lost the role meanwhile.</returns>
    bool Take(RingSlot slot, bool isRelief)
    {
        slot.IsRegistered = true;
        slot.Refusals = 0;
        if (!slot.Load())
        {
            slot.Send(Errno.EIO, 0);
            Prepare(slot);
            return true;
        }

        var opcode = slot.Header->Opcode;
        if (isRelief || _transport.Pace.IsSlow(opcode))
        {
            _transport.Workers.Add(slot);
            return true;
        }

        var started = Stopwatch.GetTimestamp();
        _busySince = started;
        _busyWith = opcode;
        var turn = _turn + Handling;
        Interlocked.Exchange(ref _turn, turn);
        _transport.ArmWatch();
        var isDeferred = _dispatcher.Dispatch(slot);
        var took = Stopwatch.GetTimestamp() - started;
        _transport.Pace.Note(opcode, took);
        if (Interlocked.CompareExchange(ref _turn, turn - Handling + Driving + NextTurn, turn) != turn)
        {
            if (!isDeferred)
                Return(slot);
            return false;
        }

        if (!isDeferred)
            Prepare(slot);
        if (took > Unhurried && _unsubmitted > 0)
        {
            _ring.TryEnter(0);
            _unsubmitted = 0;
        }

        return true;
    }

    /// <summary>Prepares a slot's going to the kernel: with a reply, or for the first time.</summary>
    void Prepare(RingSlot slot)
    {
        if (_isOver)
        {
            Free();
            return;
        }

        var command = slot.IsRegistered
            ? _ring.PrepareCommand(CommitCommand, null, 0, (ulong)slot.Index)
            : _ring.PrepareCommand(RegisterCommand, slot.Vector, IovecCount, (ulong)slot.Index);
        *(ulong*)(command + CommitOffset) = slot.IsRegistered ? slot.CommitId : 0;
        *(ushort*)(command + QueueOffset) = slot.Queue;
        _withKernel++;
        _unsubmitted++;
    }

    /// <summary>The kernel gives a slot back without a request.</summary>
    void Refused(RingSlot slot, Errno error)
    {
        switch (error)
        {
            case Errno.ENOTCONN or Errno.ECONNABORTED or Errno.ECANCELED or Errno.ENODEV:
                _isOver = true;
                Free();
                break;
            case Errno.EAGAIN or Errno.EINTR or Errno.ENOMEM or Errno.EBUSY:
                Prepare(slot);
                break;
            default:
                // The exchange is lost. A slot that never had one isn't wanted: the kernel goes back to the device then.
                if (slot.IsRegistered && slot.Refusals++ < MostRefusals)
                {
                    slot.IsRegistered = false;
                    Prepare(slot);
                }
                else
                {
                    Free();
                }

                break;
        }
    }

    bool IsOver()
    {
        if (_isBroken)
            return true; // slots that the kernel has keep the memory
        if (Volatile.Read(ref _isEnding))
            _isOver = true;
        if (!_isOver || _withKernel > 0)
            return false;
        if (_isWakeArmed)
            _wake.Signal(); // the kernel is still to write to memory that goes soon
        return !_isWakeArmed;
    }

    /// <summary>Gives the kernel what others have answered.</summary>
    void TakeAnswered()
    {
        if (Volatile.Read(ref _answered) is null)
            return;
        var slot = Interlocked.Exchange(ref _answered, null);
        while (slot is not null)
        {
            var next = slot.Next;
            slot.Next = null;
            Prepare(slot);
            slot = next;
        }
    }

    /// <summary>Takes back a slot that was answered elsewhere; any thread may call.</summary>
    void Return(RingSlot slot)
    {
        while (true)
        {
            var first = Volatile.Read(ref _answered);
            if (first == _closed && Volatile.Read(ref _hasEnded))
            {
                Free();
                return;
            }

            slot.Next = first;
            if (Interlocked.CompareExchange(ref _answered, slot, first) == first)
                break;
        }

        Wake();
    }

    void Wake()
    {
        if (Interlocked.Exchange(ref _asleep, 0) == 1)
            _wake.Signal();
    }

    void ArmWake()
    {
        _isWakeArmed = true;
        _ring.PrepareRead(_wake.File, _wakeCount, sizeof(ulong), WakeTag);
    }

    /// <summary>No thread drives any more; what comes back from here on is freed by who brings it.</summary>
    void Close()
    {
        _isOver = true;
        Volatile.Write(ref _hasEnded, true);
        var slot = Interlocked.Exchange(ref _answered, _closed);
        while (slot is not null)
        {
            slot = slot.Next;
            Free();
        }
    }

    void Free()
    {
        if (Interlocked.Decrement(ref _unfreed) == 0)
            _memory.Dispose();
    }
}
