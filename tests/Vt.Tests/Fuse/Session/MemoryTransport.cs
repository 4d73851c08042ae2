using System.Collections.Concurrent;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

/// <summary>Takes the kernel's place: hands requests to a dispatcher and keeps the replies.</summary>
sealed class MemoryTransport : IDisposable
{
    const int Room = 256 * 1024;

    readonly ConcurrentBag<MemorySlot> _idle = [];
    readonly ConcurrentBag<MemorySlot> _all = [];
    readonly BlockingCollection<byte[]> _replies = [];

    public MemoryTransport(FuseFileSystem fileSystem, FuseSessionOptions? options = null)
    {
        Dispatcher = new FuseDispatcher(fileSystem, options ?? new FuseSessionOptions(), error => InitResult = error);
    }

    public FuseDispatcher Dispatcher { get; }

    public Errno? InitResult { get; private set; }

    /// <summary>What sending a reply answers; not OK loses the reply.</summary>
    public Errno Delivery { get; set; }

    public int ReplyCount => _replies.Count;

    /// <summary>A dispatcher that has agreed with a kernel of the newest version that offers all.</summary>
    public static MemoryTransport Started(FuseFileSystem fileSystem)
    {
        var transport = new MemoryTransport(fileSystem);
        Assert.NotNull(transport.Exchange(RequestBytes.Init()));
        Assert.Equal(Errno.OK, transport.InitResult);
        return transport;
    }

    /// <summary>Sends a request; the reply if it came at once.</summary>
    public byte[]? Exchange(byte[] request)
    {
        Post(request);
        return _replies.TryTake(out var reply) ? reply : null;
    }

    /// <summary>Sends a request whose reply is taken by <see cref="Take"/>.</summary>
    public void Post(byte[] request)
    {
        if (!_idle.TryTake(out var slot))
        {
            slot = new MemorySlot(this, Room);
            _all.Add(slot);
            Dispatcher.Register(slot);
        }

        if (!slot.Load(request, Dispatcher) || !Dispatcher.Dispatch(slot))
            _idle.Add(slot);
    }

    /// <summary>Waits for a reply.</summary>
    public byte[] Take()
    {
        Assert.True(_replies.TryTake(out var reply, TimeSpan.FromSeconds(30)));
        return reply;
    }

    public Errno Accept(byte[] message)
    {
        if (Delivery == Errno.OK)
            _replies.Add(message);
        return Delivery;
    }

    public void Return(MemorySlot slot) => _idle.Add(slot);

    public void Dispose()
    {
        foreach (var slot in _all)
            slot.Dispose();
        _replies.Dispose();
    }
}
