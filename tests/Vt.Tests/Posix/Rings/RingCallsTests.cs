using Vt.Posix;
using Vt.Posix.Rings;

namespace Vt.Tests.Posix.Rings;

public sealed unsafe class RingCallsTests
{
    [Fact]
    public void A_signal_ends_a_read_through_a_ring()
    {
        var error = IoUring.TryCreate(4, out var ring);
        if (error != Errno.OK)
            return; // the system allows none
        using (ring!)
        using (var events = new EventCounter())
        {
            ulong count = 0;
            Assert.False(ring!.TryTakeResult(out _, out _));
            ring.PrepareRead(events.File, &count, sizeof(ulong), 5);
            Assert.Equal(Errno.OK, ring.TryEnter(0));
            Assert.False(ring.TryTakeResult(out _, out _));

            events.Signal();
            events.Signal();
            Assert.Equal(Errno.OK, ring.TryEnter(1));

            Assert.True(ring.TryTakeResult(out var tag, out var result));
            Assert.Equal((5ul, sizeof(ulong)), (tag, result));
            Assert.InRange(count, 1ul, 2ul);
        }
    }

    [Fact]
    public void A_ring_takes_as_many_requests_as_it_was_made_for_again_and_again()
    {
        if (IoUring.TryCreate(4, out var ring) != Errno.OK)
            return;
        using (ring!)
        {
            for (var round = 0; round < 10; round++)
            {
                for (var i = 0ul; i < 4; i++)
                    ring!.PrepareRead(FileDescriptor.CurrentDirectory, null, 1, i);
                Assert.Throws<InvalidOperationException>(() => ring!.PrepareRead(FileDescriptor.CurrentDirectory, null, 1, 9));
                Assert.Equal(Errno.OK, ring!.TryEnter(4));
                for (var i = 0ul; i < 4; i++)
                {
                    Assert.True(ring.TryTakeResult(out var tag, out var result));
                    Assert.Equal((i, -(int)Errno.EBADF), (tag, result));
                }

                Assert.False(ring.TryTakeResult(out _, out _));
            }
        }
    }

    [Fact]
    public void A_signal_after_disposal_is_nothing()
    {
        var events = new EventCounter();
        events.Dispose();
        events.Signal();
    }

    [Fact]
    public void Memory_is_zeroed_and_takes_what_was_touched()
    {
        using var memory = new AnonymousMemory(1L << 40);
        memory.Start[(1L << 40) - 1] = 1;
        Assert.Equal(0, memory.Start[1L << 39]);
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("0-1\n", 2)]
    [InlineData("0-3,8-11,15\n", 9)]
    public void Processors_are_counted_from_their_list(string list, int count) => Assert.Equal(count, Processors.CountListed(list));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("3-1")]
    public void A_list_of_processors_that_makes_no_sense_is_named(string list) => Assert.Throws<IOException>(() => Processors.CountListed(list));

    [Fact]
    public void A_thread_can_be_kept_on_a_processor_that_it_may_use()
    {
        IReadOnlyList<int> within = [];
        var first = Processors.GetAllowed()[0];
        var thread = new Thread(() =>
        {
            Processors.TryPinCurrentThread(first);
            within = Processors.GetAllowed();
        });
        thread.Start();
        thread.Join();
        Assert.Equal([first], within);
        Assert.True(Processors.CountPossible() > first);
    }
}
