using System.Globalization;
using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Files.Inodes;
using Vt.Posix;

namespace Vt.Tests.Files.Live;

/// <summary>Contents made of ranges of others: they are what the same bytes would be, and are all there after a crash.</summary>
public sealed class RangesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Cropped_spliced_and_composed_contents_are_what_the_same_bytes_would_be(int seed)
    {
        var random = new Random(seed);
        var text = "some text"u8.ToArray();
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var model = LiveBed.Random(random.Next(1, 400_000), seed);
        await bed.WriteAsync("file", model);
        var other = LiveBed.Random(150_000, seed + 100);
        await bed.WriteAsync("other", other);
        for (var step = 0; step < 25; step++)
        {
            var file = await bed.FindAsync("file");
            var offset = random.Next(0, model.Length + 1);
            var length = random.Next(0, 200_000);
            var behind = Math.Min(model.Length, offset + length);
            switch (random.Next(5))
            {
                case 0:
                    var data = LiveBed.Random(random.Next(1, 100_000), seed + step);
                    await bed.WriteAsync(file, offset, data);
                    model = [.. model[..offset], .. data, .. model.Skip(offset + data.Length)];
                    break;
                case 1 when model.Length > 50_000:
                    await SetAsync(bed, file, "x-vt-crop", $"{offset} {length}");
                    model = model[offset..behind];
                    break;
                case 2:
                    await SetAsync(bed, file, "x-vt-splice", $"{offset} {length}");
                    model = [.. model[..offset], .. model[behind..]];
                    break;
                case 3:
                    var from = random.Next(0, other.Length);
                    var slice = BlockRef.Slice(await ReferenceAsync(bed, "other"), from, random.Next(0, other.Length - from));
                    await SetAsync(bed, file, "x-vt-splice", $"{offset} {length} {slice}");
                    model = [.. model[..offset], .. other[from..(from + (int)slice.Span)], .. model[behind..]];
                    break;
                default:
                    var own = await ReferenceAsync(bed, "file");
                    var parts = new[] { BlockRef.Slice(own, offset, behind - offset), await ReferenceAsync(bed, "other"), BlockRef.Literal(text), BlockRef.Run(0, 5000) };
                    await SetAsync(bed, file, "x-vt-compose", string.Join(' ', parts));
                    model = [.. model[offset..behind], .. other, .. text, .. new byte[5000]];
                    break;
            }

            if (step % 6 == 5)
            {
                await bed.FsyncAsync();
                await bed.KillAsync();
            }

            var found = await bed.ReadAsync("file");
            Assert.True(model.AsSpan().SequenceEqual(found), string.Create(CultureInfo.InvariantCulture, $"seed {seed}, step {step}"));
        }

        // Cuts depend on content alone, so the reference is that of the bytes.
        await bed.WriteAsync("same", model);
        Assert.Equal(await ReferenceAsync(bed, "same"), await ReferenceAsync(bed, "file"));
    }

    [Theory]
    [InlineData("x-vt-crop", "11 1", Errno.EINVAL)]
    [InlineData("x-vt-crop", "0", Errno.EINVAL)]
    [InlineData("x-vt-crop", "0 -1", Errno.EINVAL)]
    [InlineData("x-vt-splice", "11 0", Errno.EINVAL)]
    [InlineData("x-vt-splice", "0 0 nonsense", Errno.EINVAL)]
    [InlineData("x-vt-splice", "0 0 R{0,9223372036854775807}", Errno.EFBIG)]
    [InlineData("x-vt-compose", "nonsense", Errno.EINVAL)]
    [InlineData("x-vt-nothing", "1", Errno.EOPNOTSUPP)]
    public async Task What_makes_no_content_is_refused_and_changes_nothing(string attribute, string value, Errno expected)
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var file = await bed.WriteAsync("file", "0123456789"u8.ToArray());
        if (value.Contains("R{", StringComparison.Ordinal))
            value = $"0 0 {BlockRef.Run(0, long.MaxValue)}";
        Assert.Equal(expected, await TrySetAsync(bed, file, attribute, value));
        Assert.Equal("0123456789"u8.ToArray(), await bed.ReadAsync("file"));
        Assert.Equal(Errno.EINVAL, await TrySetAsync(bed, NodeId.Root, "x-vt-crop", "0 0"));
    }

    static async Task<BlockRef> ReferenceAsync(LiveBed bed, string name) =>
        BlockRef.Parse(Encoding.ASCII.GetString(LiveBed.Value(await bed.Files.GetxattrAsync(await bed.FindAsync(name), "x-vt-block"u8.ToArray())).Span));

    static async Task SetAsync(LiveBed bed, NodeId file, string attribute, string value) => Assert.Equal(Errno.OK, await TrySetAsync(bed, file, attribute, value));

    static async Task<Errno> TrySetAsync(LiveBed bed, NodeId file, string attribute, string value) =>
        await bed.Files.SetxattrAsync(default, file, Encoding.ASCII.GetBytes(attribute), Encoding.ASCII.GetBytes(value), false, false, false);
}
