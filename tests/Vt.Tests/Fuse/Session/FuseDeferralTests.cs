using System.Text;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

public sealed class FuseDeferralTests : IDisposable
{
    readonly Queue<FuseDeferral> _deferred = new();
    readonly MemoryTransport _transport;

    public FuseDeferralTests() => _transport = MemoryTransport.Started(new DeferringFileSystem(_deferred.Enqueue));

    public void Dispose() => _transport.Dispose();

    [Fact]
    public void A_read_can_be_answered_later_from_another_thread()
    {
        Assert.Null(_transport.Exchange(FuseDispatcherTests.Read(FuseOpcode.Read, 100)));
        var deferral = _deferred.Dequeue();
        Assert.Equal(100, deferral.Buffer.Length);
        Assert.Equal(4096UL, deferral.Arguments<ReadIn>().Offset);
        var thread = new Thread(() =>
        {
            "later"u8.CopyTo(deferral.Buffer.Span);
            deferral.CompleteBytes(5);
        });
        thread.Start();

        var reply = _transport.Take();
        thread.Join();
        Assert.Equal("later", Encoding.ASCII.GetString(reply.AsSpan(16)));
    }

    [Fact]
    public void Other_requests_go_on_while_one_is_deferred()
    {
        for (var i = 1UL; i <= 50; i++)
            _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100, i << 1));
        Assert.Equal(50, _deferred.Count);
        foreach (var deferral in _deferred.Reverse())
            deferral.CompleteBytes(0);
        Assert.Equal(50, _transport.ReplyCount);
        Assert.Equal(100UL, BitConverter.ToUInt64(_transport.Take(), 8));
    }

    [Fact]
    public void Disposal_without_an_answer_answers_EIO()
    {
        _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100));
        using (_deferred.Dequeue())
        {
        }

        Assert.Equal(-(int)Errno.EIO, FuseDispatcherTests.ErrorOf(_transport.Take()));
    }

    [Fact]
    public void A_second_answer_is_refused_and_nothing_is_sent()
    {
        _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100));
        using var deferral = _deferred.Dequeue();
        deferral.CompleteBytes(3);
        Assert.Throws<InvalidOperationException>(() => deferral.Complete(Errno.EIO));
        Assert.Equal(1, _transport.ReplyCount);
    }

    [Fact]
    public void An_answer_of_the_wrong_form_is_refused()
    {
        _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100));
        using var deferral = _deferred.Dequeue();
        Assert.Throws<ArgumentOutOfRangeException>(() => deferral.CompleteBytes(101));
        Assert.Throws<InvalidOperationException>(() => deferral.Complete(default(EntryOut)));
        Assert.Throws<InvalidOperationException>(() => deferral.Arguments<OpenIn>());
        Assert.Equal(0, _transport.ReplyCount);
    }

    [Fact]
    public void A_lookup_and_an_attribute_can_be_answered_later()
    {
        _transport.Post(new RequestBytes().Name("f").As(FuseOpcode.Lookup));
        _deferred.Dequeue().Complete(new EntryOut { Node = new NodeId(5) });
        Assert.Equal(5UL, BitConverter.ToUInt64(_transport.Take(), 16));

        foreach (var (size, expected) in new[] { (0u, 8), (4u, 5), (64u, 5) })
        {
            _transport.Post(new RequestBytes().U32(size).U32(0).Name("user.a").As(FuseOpcode.Getxattr));
            _deferred.Dequeue().CompleteXattr("value"u8);
            var reply = _transport.Take();
            Assert.Equal(size == 4 ? -(int)Errno.ERANGE : 0, FuseDispatcherTests.ErrorOf(reply));
            Assert.Equal(size == 4 ? 0 : expected, reply.Length - 16);
        }
    }

    [Fact]
    public void Names_can_be_answered_later()
    {
        _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Readdir, 100));
        var deferral = _deferred.Dequeue();
        var filler = deferral.OpenFiller();
        while (filler.TryAdd("name"u8, 3, 8, 1))
        {
        }

        deferral.CompleteBytes(filler.Length);
        Assert.Equal(16 + 96, _transport.Take().Length);
    }

    [Fact]
    public void A_handler_that_throws_after_deferring_answers_once()
    {
        _transport.Post(new RequestBytes().U32(2).U32(420).U32(0).U32(0).Name("n").As(FuseOpcode.Create));
        Assert.Equal(-(int)Errno.EIO, FuseDispatcherTests.ErrorOf(_transport.Take()));
        _deferred.Dequeue().Dispose();
        Assert.Equal(0, _transport.ReplyCount);
    }

    [Fact]
    public void An_interrupt_reaches_its_victim_and_is_not_answered()
    {
        _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100, 10));
        _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100, 12));
        var (first, second) = (_deferred.Dequeue(), _deferred.Dequeue());
        var early = second.Interrupted;

        Assert.Null(_transport.Exchange(Interrupt(12)));

        Assert.True(early.IsCancellationRequested);
        Assert.False(first.Interrupted.IsCancellationRequested);
        second.Complete(Errno.EINTR);
        Assert.Equal(-(int)Errno.EINTR, FuseDispatcherTests.ErrorOf(_transport.Take()));
        first.CompleteBytes(1);
    }

    [Fact]
    public void An_interrupt_is_seen_by_who_asks_after_it_came()
    {
        _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100, 10));
        Assert.Null(_transport.Exchange(Interrupt(10)));
        using var deferral = _deferred.Dequeue();
        Assert.True(deferral.Interrupted.IsCancellationRequested);
    }

    [Fact]
    public void An_interrupt_never_reaches_a_later_request()
    {
        for (var i = 1UL; i < 200; i++)
        {
            _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100, i << 1));
            using var deferral = _deferred.Dequeue();
            var token = deferral.Interrupted;
            Assert.False(token.IsCancellationRequested);
            if (i % 3 == 0)
                Assert.Null(_transport.Exchange(Interrupt(i << 1)));
            Assert.Equal(i % 3 == 0, token.IsCancellationRequested);
            deferral.CompleteBytes(0);
            _transport.Take();
            Assert.NotNull(_transport.Exchange(Interrupt(i << 1)));
        }
    }

    [Fact]
    public void An_interrupt_of_an_unknown_request_answers_EAGAIN()
    {
        Assert.Equal(-(int)Errno.EAGAIN, FuseDispatcherTests.ErrorOf(_transport.Exchange(Interrupt(99))!));
        _transport.Post(FuseDispatcherTests.Read(FuseOpcode.Read, 100, 10));
        _deferred.Dequeue().CompleteBytes(0);
        _transport.Take();
        Assert.Equal(-(int)Errno.EAGAIN, FuseDispatcherTests.ErrorOf(_transport.Exchange(Interrupt(10))!));
    }

    static byte[] Interrupt(ulong victim) => new RequestBytes().U64(victim).As(FuseOpcode.Interrupt, victim | 1);
}
