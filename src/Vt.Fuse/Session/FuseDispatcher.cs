using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <summary>
/// Answers requests: checks their form, calls the filesystem's method, sends the reply, and takes back what a reply gave that didn't
/// arrive. Knows no transport; any number of threads may dispatch at once. Allocates nothing for a request that isn't deferred.
/// <list type="number">
/// <item>Every request that wants an answer gets exactly one: from here, or from its deferral.</item>
/// <item>After a handler deferred, its slot isn't touched here any more: it may carry another request by then.</item>
/// <item>Nothing but INIT is answered with success before INIT was.</item>
/// </list>
/// </summary>
sealed unsafe partial class FuseDispatcher
{
    /// <summary>A handler's result: bytes of the reply's body, or a negative errno, or this.</summary>
    const int NoReply = int.MinValue;

    /// <summary>What a request of wrong form gets.</summary>
    const int Malformed = -(int)Errno.EIO;

    /// <summary>Linux takes link targets of less than a page.</summary>
    const int LinkLimit = 4095;

    /// <summary>The kernel refuses replies with larger errors.</summary>
    const int ErrnoLimit = 512;

    readonly FuseFileSystem _fileSystem;
    readonly FuseSessionOptions _options;
    readonly Action<Errno> _onInit;
    readonly Lock _slotsGate = new(); // guards changes of _slots
    readonly FuseStatistics _statistics = new();
    readonly InterruptWatch _interrupts;
    volatile FuseSlot[] _slots = [];
    volatile FuseConnection? _connection;
    Errno? _outcome; // of INIT, until it was sent
    int _stopped;

    /// <param name="fileSystem">Who answers.</param>
    /// <param name="options">What to negotiate.</param>
    /// <param name="onInit">Told of the outcome of INIT, once the kernel has it.</param>
    public FuseDispatcher(FuseFileSystem fileSystem, FuseSessionOptions options, Action<Errno> onInit)
    {
        _fileSystem = fileSystem;
        _options = options;
        _onInit = onInit;
        _interrupts = new InterruptWatch(TryEnd);
    }

    /// <summary>What was agreed; null before INIT.</summary>
    public FuseConnection? Connection => _connection;

    /// <summary>Makes a slot's requests reachable for interrupts.</summary>
    public void Register(FuseSlot slot)
    {
        lock (_slotsGate)
            _slots = [.. _slots, slot];
    }

    /// <summary>Undoes <see cref="Register"/>.</summary>
    public void Unregister(FuseSlot slot)
    {
        lock (_slotsGate)
            _slots = Array.FindAll(_slots, other => other != slot);
    }

    /// <summary>Tells the filesystem, once, that nothing more will be asked.</summary>
    public void Stop()
    {
        _interrupts.Stop();
        if (_connection is null || Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        try
        {
            _fileSystem.Stopped();
        }
#pragma warning disable CA1031 // The same boundary as Dispatch's: the reader that ends last must get to the end.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ErrnoOf(FuseOpcode.Destroy, NodeId.Root, exception);
        }
    }

    /// <summary>How many bytes of arguments the operation has before its names or data; -1 if it isn't known.</summary>
    public int ArgumentSize(FuseOpcode opcode) =>
        FuseProtocol.ArgumentSize(opcode, _connection?.Has(FuseInitFlags.SetxattrExtended) ?? false);

    /// <summary>Answers the request in the slot.</summary>
    /// <returns>True if the request was deferred, so that the slot belongs to its deferral now.</returns>
    public bool Dispatch(FuseSlot slot)
    {
        FuseDeferral? deferral = null;
        slot.Begin();
        if (_pause is { } pause && !FuseProtocol.IsUnanswered(slot.Header->Opcode) && slot.Header->Opcode != FuseOpcode.Interrupt)
            pause.Await(slot);
        int result;
        try
        {
            result = Answer(new FuseRequest(this, slot, ref deferral), slot);
        }
#pragma warning disable CA1031 // The boundary between handlers and kernel: whatever happened, a caller waits for its answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (deferral is not null)
            {
                var errno = ErrnoOf(deferral.Opcode, deferral.Node, exception);
                deferral.TryAnswer(errno, 0);
                return true;
            }

            result = -(int)ErrnoOf(slot.Header->Opcode, slot.Header->Node, exception);
        }

        if (deferral is not null)
            return true;
        if (result == NoReply || FuseProtocol.IsUnanswered(slot.Header->Opcode))
            slot.End();
        else
            Finish(slot, result < 0 ? (Errno)(-result) : Errno.OK, Math.Max(result, 0));
        return false;
    }

    /// <summary>Sends the reply; if it doesn't arrive, takes back what it gave.</summary>
    public void Finish(FuseSlot slot, Errno error, int length)
    {
        if (error is < Errno.OK or >= (Errno)ErrnoLimit)
            error = Errno.EIO;
        if (error != Errno.OK)
            length = 0;
        _statistics.Note(slot.Header->Opcode, slot.Started);
        var sent = slot.Send(error, length);
        if (sent != Errno.OK && length > 0)
            TakeBack(slot, length);
        var isInit = slot.Header->Opcode == FuseOpcode.Init;
        slot.End();
        if (isInit && _outcome is { } outcome)
        {
            _outcome = null;
            _onInit(sent == Errno.OK ? outcome : sent);
        }
    }

    /// <summary>What an exception of a handler means to the caller.</summary>
    public Errno ErrnoOf(FuseOpcode opcode, NodeId node, Exception exception)
    {
        try
        {
            var error = _fileSystem.OnFailure(opcode, node, exception);
            return error is > Errno.OK and < (Errno)ErrnoLimit ? error : Errno.EIO;
        }
#pragma warning disable CA1031 // The same boundary as Dispatch's: even what fails in telling of a failure must not lose the answer.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Errno.EIO;
        }
    }

    /// <summary>The most bytes that the body of the slot's reply may have.</summary>
    public int BodyLimit(FuseSlot slot)
    {
        var opcode = slot.Header->Opcode;
        return opcode switch
        {
            FuseOpcode.Read or FuseOpcode.Readdir or FuseOpcode.Readdirplus => Clamp(((ReadIn*)slot.Arguments)->Size, slot),
            FuseOpcode.Getxattr or FuseOpcode.Listxattr => Clamp(((GetxattrIn*)slot.Arguments)->Size, slot),
            FuseOpcode.Ioctl => sizeof(IoctlOut) + Clamp(((IoctlIn*)slot.Arguments)->OutSize, slot, sizeof(IoctlOut)),
            FuseOpcode.Readlink => LinkLimit,
            _ => Math.Max(FuseProtocol.ReplySize(opcode), 0),
        };
    }

    /// <summary>The result of an operation that may be asked for the size alone.</summary>
    /// <param name="slot">The request, whose reply has the value already if it fits.</param>
    /// <param name="size">Room at the caller; zero asks for the size.</param>
    /// <param name="length">Size of the value.</param>
    public static int SizedReply(FuseSlot slot, uint size, int length)
    {
        if (size == 0)
        {
            *(GetxattrOut*)slot.Reply = new GetxattrOut { Size = (uint)length };
            return sizeof(GetxattrOut);
        }

        return length <= size ? length : -(int)Errno.ERANGE;
    }

    int Answer(in FuseRequest request, FuseSlot slot)
    {
        var opcode = slot.Header->Opcode;
        if (opcode == FuseOpcode.Init)
            return Init(slot);
        if (_connection is null)
            return Malformed;
        return opcode switch
        {
            FuseOpcode.Lookup => Lookup(request, slot),
            FuseOpcode.Forget => Forget(slot),
            FuseOpcode.BatchForget => BatchForget(slot),
            FuseOpcode.Getattr => Getattr(request, slot),
            FuseOpcode.Setattr => Setattr(request, slot),
            FuseOpcode.Readlink => Readlink(request, slot),
            FuseOpcode.Symlink => Symlink(request, slot),
            FuseOpcode.Mknod => Mknod(request, slot),
            FuseOpcode.Mkdir => Mkdir(request, slot),
            FuseOpcode.Unlink => Unlink(request, slot),
            FuseOpcode.Rmdir => Rmdir(request, slot),
            FuseOpcode.Rename => Rename(request, slot),
            FuseOpcode.Rename2 => Rename2(request, slot),
            FuseOpcode.Link => Link(request, slot),
            FuseOpcode.Open => Result(_fileSystem.Open(request, In<OpenIn>(slot), ref Out<OpenOut>(slot)), sizeof(OpenOut)),
            FuseOpcode.Read => Read(request, slot),
            FuseOpcode.Write => Write(request, slot),
            FuseOpcode.Statfs => Result(_fileSystem.Statfs(request, ref Out<StatfsOut>(slot)), sizeof(StatfsOut)),
            FuseOpcode.Release => Result(_fileSystem.Release(request, In<ReleaseIn>(slot))),
            FuseOpcode.Fsync => Result(_fileSystem.Fsync(request, In<FsyncIn>(slot))),
            FuseOpcode.Setxattr => Setxattr(request, slot),
            FuseOpcode.Getxattr => Getxattr(request, slot),
            FuseOpcode.Listxattr => Listxattr(request, slot),
            FuseOpcode.Removexattr => Removexattr(request, slot),
            FuseOpcode.Flush => Result(_fileSystem.Flush(request, In<FlushIn>(slot))),
            FuseOpcode.Opendir => Result(_fileSystem.Opendir(request, In<OpenIn>(slot), ref Out<OpenOut>(slot)), sizeof(OpenOut)),
            FuseOpcode.Readdir or FuseOpcode.Readdirplus => Readdir(request, slot),
            FuseOpcode.Releasedir => Result(_fileSystem.Releasedir(request, In<ReleaseIn>(slot))),
            FuseOpcode.Fsyncdir => Result(_fileSystem.Fsyncdir(request, In<FsyncIn>(slot))),
            FuseOpcode.Getlk => Getlk(request, slot),
            FuseOpcode.Setlk => Setlk(request, slot, wait: false),
            FuseOpcode.Setlkw => Setlk(request, slot, wait: true),
            FuseOpcode.Access => Result(_fileSystem.Access(request, In<AccessIn>(slot).Mask)),
            FuseOpcode.Create => Create(request, slot),
            FuseOpcode.Tmpfile => Tmpfile(request, slot),
            FuseOpcode.Interrupt => Interrupt(slot),
            FuseOpcode.Bmap => Bmap(request, slot),
            FuseOpcode.Destroy => Destroy(),
            FuseOpcode.Ioctl => Ioctl(request, slot),
            FuseOpcode.Poll => Result(_fileSystem.Poll(request, In<PollIn>(slot), ref Out<PollOut>(slot)), sizeof(PollOut)),
            FuseOpcode.NotifyReply => NoReply,
            FuseOpcode.Fallocate => Result(_fileSystem.Fallocate(request, In<FallocateIn>(slot))),
            FuseOpcode.Lseek => Lseek(request, slot),
            FuseOpcode.CopyFileRange => CopyFileRange(request, slot),
            FuseOpcode.CopyFileRange64 => CopyFileRange64(request, slot),
            FuseOpcode.Syncfs => Result(_fileSystem.Syncfs(request)),
            FuseOpcode.Statx => Result(_fileSystem.Statx(request, In<StatxIn>(slot), ref Out<StatxOut>(slot)), sizeof(StatxOut)),
            _ => -(int)Errno.ENOSYS,
        };
    }

    /// <summary>The request's arguments; the transport made sure that they are all there.</summary>
    static ref readonly T In<T>(FuseSlot slot)
        where T : unmanaged => ref *(T*)slot.Arguments;

    /// <summary>The reply's body, zeroed.</summary>
    static ref T Out<T>(FuseSlot slot, int offset = 0)
        where T : unmanaged
    {
        var body = (T*)(slot.Reply + offset);
        *body = default;
        return ref *body;
    }

    static int Result(Errno error, int length = 0) => error == Errno.OK ? length : -(int)error;

    static int Clamp(uint size, FuseSlot slot, int used = 0) => (int)Math.Min(size, (uint)(slot.ReplyCapacity - used));
}
