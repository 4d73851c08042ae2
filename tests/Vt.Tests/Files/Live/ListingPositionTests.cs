using System.Text;
using Vt.Files;
using Vt.Files.Inodes;

namespace Vt.Tests.Files.Live;

/// <summary>What positions in an open directory mean: telldir(3), seekdir(3), rewinddir(3).</summary>
public sealed class ListingPositionTests
{
    const int Names = 500;

    [Fact]
    public async Task Positions_stay_what_they_are_over_a_rewind_and_a_checkpoint_while_no_name_comes_or_goes()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        for (var i = 0; i < Names; i++)
            await bed.MakeAsync($"{i:d3}");
        var listing = LiveBed.Value(bed.Files.OpenDirectory(NodeId.Root));
        var places = await ListAsync(listing);
        Assert.Equal(Names, places.Count);

        Assert.True(await bed.Files.CheckpointAsync());
        await ListAsync(listing);
        foreach (var (position, name) in places)
            Assert.Equal(name, await AtAsync(listing, position));
        Assert.Equal(Names, (await ListAsync(LiveBed.Value(bed.Files.OpenDirectory(NodeId.Root)))).Count);
    }

    [Fact]
    public async Task A_position_of_before_a_rewind_leads_to_some_entry_or_the_end_and_never_fails()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        for (var i = 0; i < Names; i++)
            await bed.MakeAsync($"{i:d3}");
        var listing = LiveBed.Value(bed.Files.OpenDirectory(NodeId.Root));
        var places = await ListAsync(listing);
        Assert.True(await bed.Files.CheckpointAsync());
        await bed.UnlinkAsync("100");
        await bed.MakeAsync("new");
        Assert.Equal(Names, (await ListAsync(listing)).Count);

        foreach (var (position, _) in places)
            await AtAsync(listing, position);
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
            await AtAsync(listing, (ulong)random.NextInt64(2, long.MaxValue));
    }

    static async Task<List<(ulong Position, string Name)>> ListAsync(LiveListing listing)
    {
        var places = new List<(ulong, string)>();
        var position = 0ul;
        await listing.PrepareAsync(position, 100);
        position = 2;
        while (true)
        {
            var next = position;
            switch (listing.Next(ref next, out var entry))
            {
                case ListingStep.End:
                    return places;
                case ListingStep.Unprepared:
                    await listing.PrepareAsync(next, 100);
                    position = next;
                    continue;
            }

            places.Add((position, Encoding.UTF8.GetString(entry.Name.Span)));
            position = next;
        }
    }

    static async Task<string?> AtAsync(LiveListing listing, ulong position)
    {
        while (true)
        {
            await listing.PrepareAsync(position, 1);
            switch (listing.Next(ref position, out var entry))
            {
                case ListingStep.End:
                    return null;
                case ListingStep.Entry:
                    return Encoding.UTF8.GetString(entry.Name.Span);
            }
        }
    }
}
