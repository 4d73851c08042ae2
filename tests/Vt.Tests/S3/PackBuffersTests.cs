using Vt.Stores.S3.Writing;
using Vt.Tests.Support;

namespace Vt.Tests.S3;

public sealed class PackBuffersTests
{
    const int Kept = 2;

    readonly FakeClock _clock = new();

    [Fact]
    public async Task Memory_that_was_given_back_is_used_again_until_it_has_rested()
    {
        using var buffers = new PackBuffers(64, 4, Kept, _clock);
        var first = await RentAsync(buffers, 4);
        Give(buffers, first);
        _clock.Advance(PackBuffers.Rest / 2);
        var second = await RentAsync(buffers, 4);
        Assert.Equal(first.ToHashSet(), second.ToHashSet());

        // What is in use is no concern of the clock's, and being given back begins the rest anew.
        _clock.Advance(PackBuffers.Rest);
        Give(buffers, second);
        _clock.Advance(PackBuffers.Rest / 2);
        Assert.Equal(4, buffers.Idle);
        _clock.Advance(PackBuffers.Rest);
        Assert.Equal(Kept, buffers.Idle);
    }

    [Fact]
    public async Task There_are_never_more_than_allowed_and_who_comes_late_waits_for_one()
    {
        using var buffers = new PackBuffers(64, 3, Kept, _clock);
        var all = await RentAsync(buffers, 3);
        var late = buffers.RentAsync(CancellationToken.None).AsTask();
        Assert.False(late.IsCompleted);
        buffers.Return(all[1]);
        Assert.Same(all[1], await late);
    }

    static async Task<List<byte[]>> RentAsync(PackBuffers buffers, int count)
    {
        var rented = new List<byte[]>();
        for (var i = 0; i < count; i++)
            rented.Add(await buffers.RentAsync(CancellationToken.None));
        return rented;
    }

    static void Give(PackBuffers buffers, List<byte[]> rented)
    {
        foreach (var buffer in rented)
            buffers.Return(buffer);
    }
}
