using System.Text;
using Vt.Files;
using Vt.Posix;

namespace Vt.Tests.Files.Live;

/// <summary>A tree that may have no more than so much content.</summary>
public sealed class QuotaTests
{
    const int Most = 1_000_000;

    [Fact]
    public async Task Content_beyond_the_limit_is_refused_and_what_is_removed_or_overwritten_makes_room()
    {
        await using var bed = new LiveBed { MostContent = Most };
        await bed.OpenAsync();
        var first = await bed.WriteAsync("first", LiveBed.Random(600_000, 1));
        for (var i = 0; i < 3; i++)
            await bed.WriteAsync(first, 0, LiveBed.Random(600_000, i));
        var second = await bed.MakeAsync("second");
        Assert.Equal(Errno.ENOSPC, (await bed.Files.WriteAsync(second, 0, new byte[500_000])).Error);
        Assert.Equal(Errno.ENOSPC, bed.Files.Fallocate(second, 0, 500_000, AllocationKind.Allocate, keepSize: false));
        Assert.Equal(Errno.ENOSPC, bed.Files.CopyRange(first, 0, second, 0, 600_000).Error);
        Assert.Equal((Most, Most - 600_000), (bed.Files.Statfs().TotalBytes, bed.Files.Statfs().AvailableBytes));
        await bed.WriteAsync(second, 0, LiveBed.Random(400_000, 5));

        await bed.UnlinkAsync("first");
        await bed.WriteAsync(second, 400_000, LiveBed.Random(500_000, 6));
        Assert.Equal(Errno.ENOSPC, (await bed.Files.WriteAsync(second, 900_000, new byte[100_001])).Error);
        Assert.True((await bed.Files.WriteAsync(second, 900_000, LiveBed.Random(100_000, 7))).Succeeded);
    }

    [Fact]
    public async Task What_is_there_is_counted_once_at_the_mount_whatever_a_crash_has_left_in_the_log()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var folder = await bed.MkdirAsync("folder");
        var kept = await bed.WriteAsync("kept", LiveBed.Random(300_000, 1), folder);
        Assert.True((await bed.Files.LinkAsync(kept, Vt.Files.Inodes.NodeId.Root, Encoding.UTF8.GetBytes("link"))).Succeeded);
        await bed.WriteAsync("removed", LiveBed.Random(200_000, 2));
        await bed.WriteAsync("grows", LiveBed.Random(50_000, 2));
        await bed.Files.CheckpointAsync();
        await bed.UnlinkAsync("removed");
        await bed.WriteAsync(await bed.FindAsync("grows"), 50_000, LiveBed.Random(10_000, 3));
        await bed.WriteAsync(await bed.FindAsync("grows"), 1_000_000, LiveBed.Random(10_000, 3));
        await bed.FsyncAsync();
        bed.MostContent = Most;
        await bed.KillAsync();
        await bed.Files.CheckpointAsync();
        Assert.InRange(bed.Files.Statfs().AvailableBytes, Most - 370_000 - 8192, Most - 370_000);
        await bed.UnlinkAsync("link");
        Assert.InRange(bed.Files.Statfs().AvailableBytes, Most - 370_000 - 8192, Most - 370_000);
        await bed.UnlinkAsync("kept", await bed.FindAsync("folder"));
        Assert.InRange(bed.Files.Statfs().AvailableBytes, Most - 70_000 - 8192, Most - 70_000);
        await bed.CloseAsync();
        await bed.OpenAsync();
        Assert.InRange(bed.Files.Statfs().AvailableBytes, Most - 70_000 - 8192, Most - 70_000);
    }
}
