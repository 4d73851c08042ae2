using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;
using static Vt.Tests.Files.Live.LiveBed;

namespace Vt.Tests.Files.Live;

/// <summary>What a killed mount comes back with.</summary>
public sealed class LiveReplayTests : IAsyncLifetime
{
    readonly LiveBed _bed = new();

    public Task InitializeAsync() => _bed.OpenAsync();

    public Task DisposeAsync() => _bed.DisposeAsync().AsTask();

    [Fact]
    public async Task Stored_names_that_were_removed_or_replaced_are_so_after_a_replay()
    {
        await _bed.WriteAsync("gone", Random(5000, 1));
        await _bed.WriteAsync("old", Random(5000, 2));
        await _bed.WriteAsync("new", Random(5000, 3));
        await _bed.MkdirAsync("folder");
        await _bed.CloseAsync();
        await _bed.OpenAsync();
        await _bed.UnlinkAsync("gone");
        await _bed.RenameAsync("new", "old");
        Assert.Equal(Errno.OK, await _bed.Files.RmdirAsync(NodeId.Root, Bytes("folder")));
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        Assert.False(await _bed.ExistsAsync("gone"));
        Assert.False(await _bed.ExistsAsync("new"));
        Assert.False(await _bed.ExistsAsync("folder"));
        Assert.Equal(Random(5000, 3), await _bed.ReadAsync("old"));
    }

    [Fact]
    public async Task A_stored_hard_link_that_loses_its_names_leaves_the_table_after_a_replay()
    {
        var file = await _bed.WriteAsync("a", Random(5000, 1));
        Value(await _bed.Files.LinkAsync(file, NodeId.Root, Bytes("b")));
        await _bed.CloseAsync();
        await _bed.OpenAsync();
        await _bed.UnlinkAsync("a");
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        Assert.Equal(1u, Value(await _bed.Files.GetattrAsync(await _bed.FindAsync("b"))).Links);
        await _bed.UnlinkAsync("b");
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        await _bed.CloseAsync();
        Assert.Equal(0, _bed.States[^1].Root.Inodes.Span);
    }

    [Fact]
    public async Task Files_that_a_replay_brings_into_memory_are_never_taken_for_those_that_records_name()
    {
        for (var i = 0; i < 20; i++)
            await _bed.WriteAsync($"stored{i}", Random(100, i));
        await _bed.CloseAsync();
        await _bed.OpenAsync();

        // Known to the kernel in another order than the log names them.
        for (var i = 19; i >= 0; i--)
            await _bed.FindAsync($"stored{i}");
        for (var i = 0; i < 5; i++)
            await _bed.WriteAsync($"new{i}", Random(100, 100 + i));
        for (var i = 0; i < 20; i += 3)
            await _bed.WriteAsync(await _bed.FindAsync($"stored{i}"), 0, Random(50, 200 + i));
        for (var i = 5; i < 40; i++)
            await _bed.WriteAsync($"new{i}", Random(100, 100 + i));
        await _bed.FsyncAsync();
        for (var life = 0; life < 3; life++)
        {
            await _bed.KillAsync();
            for (var i = 0; i < 40; i++)
                Assert.Equal(Random(100, 100 + i), await _bed.ReadAsync($"new{i}"));
            for (var i = 0; i < 20; i++)
            {
                byte[] expected = i % 3 == 0 ? [.. Random(50, 200 + i), .. Random(100, i)[50..]] : Random(100, i);
                Assert.Equal(expected, await _bed.ReadAsync($"stored{i}"));
            }

            // The log goes on after each replay.
            await _bed.WriteAsync(await _bed.FindAsync($"stored{life}"), 0, [.. await _bed.ReadAsync($"stored{life}")]);
            await _bed.FsyncAsync();
        }
    }

    [Fact]
    public async Task Changes_wait_in_the_log_while_the_store_fails_and_are_stored_once_it_answers()
    {
        _bed.Store.Fault = new StoreUnavailableException("store", "it is away, by plan");
        await _bed.WriteAsync("a", Random(200_000, 1));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _bed.Files.CheckpointAsync().AsTask());
        await _bed.WriteAsync("b", Random(200_000, 2));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _bed.Files.CheckpointAsync().AsTask());
        await _bed.RenameAsync("a", "c");
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        Assert.Equal(Random(200_000, 1), await _bed.ReadAsync("c"));
        Assert.Equal(Random(200_000, 2), await _bed.ReadAsync("b"));
        _bed.Store.Fault = null;
        Assert.True(await _bed.Files.CheckpointAsync());
        await _bed.KillAsync();
        Assert.Equal(Random(200_000, 1), await _bed.ReadAsync("c"));
        Assert.Equal(Random(200_000, 2), await _bed.ReadAsync("b"));
        Assert.Equal(0, _bed.Files.Replayed);
    }

    [Fact]
    public async Task A_large_file_that_is_stored_early_survives_with_what_was_written_behind_it()
    {
        var content = Random(40 << 20, 7);
        var file = await _bed.MakeAsync("large");
        for (var at = 0; at < content.Length; at += 1 << 20)
            await _bed.WriteAsync(file, at, content[at..(at + (1 << 20))]);
        Assert.Equal(Errno.OK, await _bed.Files.FsyncAsync(file));
        await _bed.WriteAsync(file, 100, content[200..300]);
        await _bed.FsyncAsync();
        content.AsSpan(200, 100).CopyTo(content.AsSpan(100));
        await _bed.KillAsync();
        Assert.True((await _bed.ReadAsync("large")).AsSpan().SequenceEqual(content));
        await _bed.KillAsync();
        Assert.True((await _bed.ReadAsync("large")).AsSpan().SequenceEqual(content));
    }

    [Fact]
    public async Task Thousands_of_pieces_are_copied_in_several_steps_that_each_fit_into_a_record()
    {
        const int Pieces = 5000;
        var file = await _bed.MakeAsync("pieces");
        for (var i = 0; i < Pieces; i++)
            await _bed.WriteAsync(file, i * 20L, Random(10, i));
        var copy = await _bed.MakeAsync("copy");
        for (long at = 0; at < (Pieces * 20L) - 10;)
            at += Value(_bed.Files.CopyRange(file, at, copy, at, (Pieces * 20L) - 10 - at));
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        Assert.Equal(await _bed.ReadAsync("pieces"), await _bed.ReadAsync("copy"));
    }

    [Fact]
    public async Task A_file_that_has_lost_its_name_can_be_allocated()
    {
        var file = await _bed.WriteAsync("a", Random(100, 1));
        await _bed.UnlinkAsync("a");
        Assert.Equal(Errno.OK, _bed.Files.Fallocate(file, 0, 70_000, AllocationKind.Allocate, keepSize: false));
        Assert.Equal(70_000, Value(await _bed.Files.GetattrAsync(file)).Size);
        Assert.Equal(Errno.OK, _bed.Files.Fallocate(file, 10, 20, AllocationKind.PunchHole, keepSize: true));
        var content = new byte[100];
        Value(await _bed.Files.ReadAsync(file, 0, content));
        Assert.Equal([.. Random(100, 1)[..10], .. new byte[20], .. Random(100, 1)[30..]], content);
    }

    [Fact]
    public async Task After_an_orderly_end_the_state_folder_has_no_log()
    {
        await _bed.WriteAsync("a", Random(200_000, 1));
        await _bed.FsyncAsync();
        await _bed.CloseAsync();
        Assert.Equal(["lock", "state"], _bed.StateFiles);
        await _bed.OpenAsync();
        await _bed.CloseAsync();
        Assert.Equal(["lock", "state"], _bed.StateFiles);
        await _bed.OpenAsync();
        Assert.Equal(Random(200_000, 1), await _bed.ReadAsync("a"));
        Assert.Equal(0, _bed.Files.Replayed);
    }

    [Fact]
    public async Task The_log_stays_at_the_end_where_the_store_fails()
    {
        await _bed.WriteAsync("a", Random(200_000, 1));
        _bed.Store.Fault = new StoreUnavailableException("store", "it is away, by plan");
        await _bed.CloseAsync();
        Assert.Contains(_bed.StateFiles, static name => name.StartsWith("journal-", StringComparison.Ordinal));
        _bed.Store.Fault = null;
        await _bed.OpenAsync();
        Assert.Equal(Random(200_000, 1), await _bed.ReadAsync("a"));
    }

    [Fact]
    public async Task Every_boundary_of_a_checkpoint_and_of_the_end_leaves_what_can_be_opened()
    {
        var boundaries = await CountBoundariesAsync();
        Assert.InRange(boundaries, 20, 400);
        for (var stop = 1; stop <= boundaries; stop++)
            await StopAtAsync(stop);
    }

    static async Task<int> CountBoundariesAsync()
    {
        await using var bed = new LiveBed();
        var count = 0;
        await RunAsync(bed, new WriteBoundary((_, _, _) => Interlocked.Increment(ref count)), () => { });
        return count;
    }

    static async Task StopAtAsync(int stop)
    {
        await using var bed = new LiveBed();
        using var copy = new StoppedCopy(bed, stop);
        await RunAsync(bed, copy.Boundary, copy.Acknowledge);
        if (!copy.HasArchive)
            return;
        await using var archive = await copy.OpenAsync();
        for (var i = 0; i < copy.Acknowledged; i++)
        {
            var file = Value(await archive.Files.LookupAsync(NodeId.Root, Bytes($"f{i}"))).Node;
            var content = new byte[70_000];
            Assert.Equal(content.Length, Value(await archive.Files.ReadAsync(file, 0, content)));
            Assert.Equal(Random(70_000, i), content);
        }
    }

    // What is written, in three checkpoints, with the number of files that were acknowledged.
    static async Task RunAsync(LiveBed bed, WriteBoundary boundary, Action acknowledge)
    {
        await bed.OpenAsync(boundary);
        for (var i = 0; i < 4; i++)
        {
            await bed.WriteAsync($"f{i}", Random(70_000, i));
            await bed.FsyncAsync();
            acknowledge();
            if (i > 0)
                await bed.Files.CheckpointAsync();
        }

        await bed.CloseAsync();
    }
}
