using Vt.Blocks.Encoding;

namespace Vt.Tests.Encodings;

public sealed class LosslessTextTests
{
    [Fact]
    public void Any_bytes_survive_as_text()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 5000; i++)
        {
            var bytes = new byte[random.Next(20)];
            random.NextBytes(bytes);
            Assert.True(bytes.AsSpan().SequenceEqual(LosslessText.ToBytes(LosslessText.FromBytes(bytes))), $"seed {seed}");
        }
    }

    [Fact]
    public void UTF8_is_the_text_that_it_is()
    {
        Assert.Equal("a\u00e9\ud83d\ude00", LosslessText.FromBytes("a\u00e9\ud83d\ude00"u8));
        Assert.Equal("\udce9x", LosslessText.FromBytes([0xe9, (byte)'x']));
    }
}
