using Vt.Posix;
using Vt.Posix.Sockets;

namespace Vt.Tests.Posix.Sockets;

public sealed class UnixSocketsTests
{
    [Fact]
    public void A_peer_that_closes_without_sending_gives_no_descriptor()
    {
        var (ours, theirs) = UnixSockets.CreatePair(forChild: false);
        using (ours)
        {
            theirs.Dispose();
            Assert.Null(UnixSockets.ReceiveDescriptor(ours));
        }
    }

    [Fact]
    public void Waiting_ends_when_the_peer_hangs_up()
    {
        var (ours, theirs) = UnixSockets.CreatePair(forChild: false);
        using (ours)
        {
            Assert.Equal(PollEvents.None, Polling.Wait(ours, PollEvents.POLLIN, TimeSpan.Zero));
            theirs.Dispose();
            Assert.True(Polling.Wait(ours, PollEvents.POLLIN, TimeSpan.FromSeconds(10)).HasFlag(PollEvents.POLLHUP));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(UnixSockets.MostDescriptors)]
    public void Descriptors_that_are_sent_come_in_order_and_are_the_same_files(int count)
    {
        var (ours, theirs) = UnixSockets.CreatePair(forChild: false);
        var pairs = Enumerable.Range(0, count).Select(static _ => UnixSockets.CreatePair(forChild: false)).ToArray();
        using (ours)
        using (theirs)
        {
            UnixSockets.SendDescriptors(ours, pairs.Select(static pair => pair.Ours).ToArray());
            var came = UnixSockets.ReceiveDescriptors(theirs);

            Assert.Equal(pairs.Select(static pair => PosixFile.Fstat(pair.Ours).Inode), came.Select(static file => PosixFile.Fstat(file).Inode));
            foreach (var file in came)
                file.Dispose();
        }

        foreach (var (one, other) in pairs)
        {
            one.Dispose();
            other.Dispose();
        }
    }

    [Fact]
    public void Bytes_without_descriptors_bring_none()
    {
        var (ours, theirs) = UnixSockets.CreatePair(forChild: false);
        using (ours)
        using (theirs)
        {
            PosixFile.WriteFully(ours, "x"u8);

            Assert.Empty(UnixSockets.ReceiveDescriptors(theirs));
        }
    }
}
