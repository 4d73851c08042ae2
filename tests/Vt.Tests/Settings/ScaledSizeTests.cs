using Vt.Stores.Config;

namespace Vt.Tests.Settings;

public sealed class ScaledSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("99k", 99_000)]
    [InlineData("99 kB", 99_000)]
    [InlineData("8 GiB", 8L << 30)]
    [InlineData("8gi", 8L << 30)]
    [InlineData(" 1 TiB ", 1L << 40)]
    [InlineData("1P", 1_000_000_000_000_000)]
    [InlineData("12 B", 12)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Sizes_are_read(string text, long bytes)
    {
        Assert.True(ScaledSize.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("1 X")]
    [InlineData("1 Gi2")]
    [InlineData("9223372036854775808")]
    [InlineData("9000000 TiB")]
    public void What_is_no_size_is_refused(string text)
    {
        Assert.False(ScaledSize.TryParse(text, out _));
    }

    [Fact]
    public void A_size_as_text_reads_back_exactly()
    {
        foreach (var bytes in new[] { 0, 1, 1023, 1024, 1536, 8L << 30, (8L << 30) + 1, long.MaxValue, 1L << 62 })
        {
            Assert.True(ScaledSize.TryParse(ScaledSize.ToText(bytes), out var read));
            Assert.Equal(bytes, read);
        }
    }
}
