using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Files.Inodes;
using static Vt.Tests.Files.Live.LiveBed;

namespace Vt.Tests.Files.Live;

/// <summary>Deaths while what is local is carried over a checkpoint, and damage to what carries it.</summary>
public sealed class LocalCrashTests
{
    const int Rounds = 4;

    static readonly LocalRules _rules = LocalRules.None.With("*.o"u8, true);

    [Fact]
    public async Task Every_boundary_leaves_local_and_stored_files_that_were_acknowledged()
    {
        var boundaries = 0;
        await using (var bed = new LiveBed { Rules = _rules })
            await RunAsync(bed, new WriteBoundary((_, _, _) => Interlocked.Increment(ref boundaries)), static () => { });
        Assert.InRange(boundaries, 60, 800);
        for (var stop = 1; stop <= boundaries; stop++)
            await StopAtAsync(stop);
    }

    [Fact]
    public async Task A_damaged_or_missing_list_is_told_and_nothing_is_mounted()
    {
        await using var bed = new LiveBed { Rules = _rules };
        await bed.OpenAsync();
        await bed.WriteAsync("a.o", Random(100_000, 1));
        await bed.WriteAsync("b.o", Random(100, 2));
        await bed.CloseAsync();
        var list = Path.Combine(bed.StateFolder, Assert.Single(bed.StateFiles, static name => name.StartsWith("local-", StringComparison.Ordinal)));
        var kept = Path.Combine(bed.StateFolder, bed.StateFiles.First(static name => name.StartsWith("kept-", StringComparison.Ordinal)));
        var whole = await File.ReadAllBytesAsync(list);
        for (var i = 0; i < whole.Length; i += 11)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << (i % 8));
            await RefusesAsync(bed, list, damaged);
            await RefusesAsync(bed, list, whole[..i]);
        }

        await File.WriteAllBytesAsync(list, whole);
        var bytes = await File.ReadAllBytesAsync(kept);
        await RefusesAsync(bed, kept, bytes[..5000]);
        File.Delete(kept);
        await Assert.ThrowsAsync<FormatInvalidException>(() => bed.OpenAsync());
        await File.WriteAllBytesAsync(kept, bytes);
        File.Delete(list);
        await Assert.ThrowsAsync<FormatInvalidException>(() => bed.OpenAsync());
        await File.WriteAllBytesAsync(list, whole);
        await bed.OpenAsync();
        Assert.Equal(Random(100_000, 1), await bed.ReadAsync("a.o"));
    }

    [Fact]
    public async Task A_state_from_elsewhere_is_taken_where_no_local_name_loses_its_place_to_it()
    {
        await using var bed = new LiveBed { Rules = _rules };
        await bed.OpenAsync();
        var folder = await bed.MkdirAsync("folder");
        await bed.WriteAsync("a.o", Random(100, 1), folder);
        await bed.CloseAsync();
        var before = bed.States[^1].Root;

        // As an import would.
        var archive = new Vt.Trees.Archives.ArchiveFile(bed.ArchivePath, TimeProvider.System);
        await archive.AppendAsync(before with { Metadata = before.Metadata with { Mode = 0x1c0 } }, null);
        await bed.OpenAsync();
        Assert.Equal(Random(100, 1), await bed.ReadAsync("folder/a.o"));
        await bed.CloseAsync();
        await archive.AppendAsync(before with { Content = Vt.Blocks.BlockTree.BlockRef.Empty }, null);
        var refused = await Assert.ThrowsAsync<UserErrorException>(() => bed.OpenAsync());
        Assert.Contains("folder", refused.Message, StringComparison.Ordinal);
    }

    static async Task RefusesAsync(LiveBed bed, string path, byte[] bytes)
    {
        await File.WriteAllBytesAsync(path, bytes);
        await Assert.ThrowsAsync<FormatInvalidException>(() => bed.OpenAsync());
    }

    static async Task StopAtAsync(int stop)
    {
        await using var bed = new LiveBed { Rules = _rules };
        using var copy = new StoppedCopy(bed, stop);
        await RunAsync(bed, copy.Boundary, copy.Acknowledge);
        if (!copy.HasArchive)
            return;
        await using var archive = await copy.OpenAsync();
        for (var i = 0; i < copy.Acknowledged; i++)
        {
            await HasAsync(archive, $"small{i}.o", Random(300, i));
            await HasAsync(archive, $"large{i}.o", Random(70_000, i));
            await HasAsync(archive, $"stored{i}", Random(300, i));
            if (i > 0 && i < copy.Acknowledged - 1)
                await HasAsync(archive, $"moved{i - 1}", Random(200_000, i - 1));
        }
    }

    static async Task HasAsync(LiveArchive archive, string name, byte[] content)
    {
        var file = Value(await archive.Files.LookupAsync(NodeId.Root, Bytes(name))).Node;
        var found = new byte[content.Length];
        Assert.Equal(found.Length, Value(await archive.Files.ReadAsync(file, 0, found)));
        Assert.Equal(content, found);
    }

    // What is local comes, goes, and is promoted; checkpoints carry it, and the last round empties a kept file.
    static async Task RunAsync(LiveBed bed, WriteBoundary boundary, Action acknowledge)
    {
        await bed.OpenAsync(boundary);
        for (var i = 0; i < Rounds; i++)
        {
            await bed.WriteAsync($"small{i}.o", Random(300, i));
            await bed.WriteAsync($"large{i}.o", Random(70_000, i));
            await bed.WriteAsync($"stored{i}", Random(300, i));
            await bed.WriteAsync($"gone{i}.o", Random(200_000, i));
            if (i > 0)
                await bed.RenameAsync($"gone{i - 1}.o", $"moved{i - 1}");
            await bed.FsyncAsync();
            acknowledge();
            if (i % 2 == 1)
                await bed.Files.CheckpointAsync();
        }

        await bed.CloseAsync();
    }
}
