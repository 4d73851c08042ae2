using System.Diagnostics;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;

namespace Vt.Tests.Fuse.Session;

public sealed class RingTransportTests
{
    [Theory]
    [InlineData(2, 2, 16)]
    [InlineData(1, 1, 16)]
    [InlineData(8, 16, 8)]
    [InlineData(64, 64, 4)]
    [InlineData(4, 256, 4)]
    [InlineData(0, 4, 16)]
    public void Every_queue_is_served_by_one_ring(int allowed, int possible, int depth)
    {
        var shares = RingTransport.Share([.. Enumerable.Range(0, allowed)], possible).ToArray();
        Assert.Equal(Math.Max(1, allowed), shares.Length);
        Assert.Equal(Enumerable.Range(0, possible), shares.SelectMany(share => share.Queues).Select(queue => queue.Queue).Order());
        Assert.All(shares.Where(share => share.Processor is not null), share => Assert.Equal((share.Processor!.Value, depth), share.Queues[0]));
        Assert.All(shares.SelectMany(share => share.Queues), queue => Assert.InRange(queue.Depth, 2, 16));
    }

    [Fact]
    public void Processors_that_this_process_may_not_use_have_queues_too()
    {
        var shares = RingTransport.Share([1, 3, 70], 4).ToArray();
        Assert.Equal([1, 3], shares.Select(share => share.Processor));
        Assert.Equal([0, 1, 2, 3], shares.SelectMany(share => share.Queues).Select(queue => queue.Queue).Order());
    }

    [Fact]
    public void Small_writes_and_fusermounts_watch_exclude_io_uring()
    {
        Assert.Contains("128 KiB", RingTransport.WhyNot(new FuseSessionOptions { MaxWrite = 4096 }, autoUnmount: false), StringComparison.Ordinal);
        Assert.Contains("auto_unmount", RingTransport.WhyNot(new FuseSessionOptions(), autoUnmount: true), StringComparison.Ordinal);
    }

    [Fact]
    public void An_operation_is_slow_when_it_takes_long_again_and_again()
    {
        var pace = new RingPace();
        Assert.True(pace.IsSlow(FuseOpcode.Fsync));
        Assert.False(pace.IsSlow(FuseOpcode.Read));

        Note(pace, FuseOpcode.Read, 5, 100);
        Note(pace, FuseOpcode.Read, 100_000, 1);
        Assert.False(pace.IsSlow(FuseOpcode.Read));
        Note(pace, FuseOpcode.Read, 200, 20);
        Assert.True(pace.IsSlow(FuseOpcode.Read));
        Assert.False(pace.IsSlow(FuseOpcode.Write));

        Note(pace, FuseOpcode.Read, 5, 60);
        Assert.False(pace.IsSlow(FuseOpcode.Read));

        pace.MarkSlow(FuseOpcode.Read);
        Assert.True(pace.IsSlow(FuseOpcode.Read));
        Note(pace, (FuseOpcode)uint.MaxValue, 1000, 100);
        Assert.True(pace.IsSlow((FuseOpcode)5000));
    }

    static void Note(RingPace pace, FuseOpcode opcode, int microseconds, int times)
    {
        for (var i = 0; i < times; i++)
            pace.Note(opcode, microseconds * Stopwatch.Frequency / 1_000_000);
    }
}
