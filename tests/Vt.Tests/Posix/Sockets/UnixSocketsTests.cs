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
}
