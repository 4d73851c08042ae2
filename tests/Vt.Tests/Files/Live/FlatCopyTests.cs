using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;

namespace Vt.Tests.Files.Live;

/// <summary>Files that are read from flat copies.</summary>
public sealed class FlatCopyTests
{
    [Fact]
    public async Task What_a_disk_does_to_a_flat_copy_never_comes_to_the_store()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var content = LiveBed.Random(3_000_000, 5);
        var file = await bed.WriteAsync("file", content);
        await bed.Files.CheckpointAsync();
        await FlattenAsync(bed, file);
        DamageCopies(bed);
        Assert.NotEqual(content, await bed.ReadAsync("file"));

        // Wherever stored bytes and new ones come together, and where a copy is made of what has a damaged one.
        var added = LiveBed.Bytes("added");
        foreach (var at in new[] { 1_500_000, 0, 2_999_990, content.Length })
        {
            await bed.WriteAsync(file, at, added);
            content = [.. content[..at], .. added, .. content.Skip(at + added.Length)];
            await bed.Files.CheckpointAsync();
            await FlattenAsync(bed, file);
            DamageCopies(bed);
        }

        var other = await bed.MakeAsync("other");
        Assert.Equal(content.Length - 10, LiveBed.Value(bed.Files.CopyRange(file, 10, other, 0, content.Length)));
        await bed.WriteAsync(other, 700, added);
        await bed.CloseAsync();
        Directory.Delete(Path.Combine(bed.StateFolder, "flat"), recursive: true);
        await bed.OpenAsync();
        Assert.Equal(content, await bed.ReadAsync("file"));
        byte[] copied = [.. content[10..710], .. added, .. content[(710 + added.Length)..]];
        Assert.Equal(copied, await bed.ReadAsync("other"));
    }

    static async Task FlattenAsync(LiveBed bed, NodeId file)
    {
        var (name, value) = (LiveFileSystem.FlatAttribute.ToArray(), "1"u8.ToArray());
        Assert.Equal(Errno.OK, await bed.Files.SetxattrAsync(default, file, name, value, false, false, false));
    }

    static void DamageCopies(LiveBed bed)
    {
        foreach (var copy in Directory.GetFiles(Path.Combine(bed.StateFolder, "flat")))
            File.WriteAllBytes(copy, new byte[new FileInfo(copy).Length]);
    }
}
