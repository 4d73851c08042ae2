using Vt.Files.Inodes;
using Vt.Posix;

namespace Vt.Tests.Files.Live;

/// <summary>Long files that are stored while they are written.</summary>
public sealed class EarlyStoringTests
{
    [Fact]
    public async Task What_is_written_in_order_is_cut_and_hashed_once_whatever_checkpoints_there_are_meanwhile()
    {
        const int Pieces = 240;
        const int LastPieces = 32;
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var piece = LiveBed.Random(1 << 20, 7);
        var file = await bed.MakeAsync("long");
        var isWritten = 0;
        var checkpoints = Task.Run(async () =>
        {
            while (Volatile.Read(ref isWritten) == 0)
                await bed.Files.CheckpointAsync();
        });
        await WriteAsync(0, Pieces - LastPieces);
        Volatile.Write(ref isWritten, 1);
        await checkpoints;

        // Nobody else is there to store these.
        await WriteAsync(Pieces - LastPieces, Pieces);
        Assert.Equal(Errno.OK, await bed.Files.FsyncAsync(file));
        Assert.True(bed.Files.GetStatus().StoredEarlyBytes > 0, "nothing was stored early");
        await bed.Files.CheckpointAsync();

        // A block at the end of what is stored at once is cut again with what follows, and there are directories.
        Assert.InRange(bed.Store.GivenBytes, (long)Pieces << 20, (long)(Pieces * 1.25) << 20);
        await bed.CloseAsync();
        await bed.OpenAsync();
        var content = await bed.ReadAsync("long");
        Assert.Equal((long)Pieces << 20, content.LongLength);
        for (var i = 0; i < Pieces; i++)
        {
            BitConverter.TryWriteBytes(piece, i);
            Assert.True(piece.AsSpan().SequenceEqual(content.AsSpan(i << 20, piece.Length)), $"piece {i} is another");
        }

        async Task WriteAsync(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                BitConverter.TryWriteBytes(piece, i);
                await bed.WriteAsync(file, (long)i << 20, piece);
            }
        }
    }

    [Fact]
    public async Task A_file_without_a_name_may_grow_beyond_what_may_wait_to_be_stored()
    {
        await using var live = await LiveFiles.OpenAsync();
        live.Options = live.Options with { MostUnstored = 16 << 20 };
        await live.ReopenAsync();
        var piece = LiveBed.Random(1 << 20, 1);
        var removed = await live.MakeAsync("removed");
        Assert.Equal(Errno.OK, await live.UnlinkAsync("removed"));
        var never = (await live.Files.MakeUnnamedAsync(LiveFiles.Root, NodeId.Root, 0x180, 0)).Value.Node;
        await live.WriteAsync("named", "before");
        for (var i = 0; i < 48; i++)
        {
            // Nobody can store it, so nobody waits for that.
            await live.WriteAsync(removed, (long)i << 20, piece).WaitAsync(TimeSpan.FromMinutes(1));
            await live.WriteAsync(never, (long)i << 20, piece).WaitAsync(TimeSpan.FromMinutes(1));
        }

        var named = await live.MakeAsync("large");
        for (var i = 0; i < 48; i++)
            await live.WriteAsync(named, (long)i << 20, piece).WaitAsync(TimeSpan.FromMinutes(1));
        await live.CheckpointAsync();
        Assert.Equal(48 << 20, (await live.ReadAsync(removed)).Length);
        Assert.True((await live.ReadAsync(never)).AsSpan(47 << 20).SequenceEqual(piece));
        Assert.Equal(48 << 20, (await live.ReadAsync(await live.NodeAsync("large"))).Length);
    }
}
