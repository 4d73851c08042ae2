using Vt.Blocks.Encoding;

namespace Vt.Tests.Encodings;

public sealed class Crc32CTests
{
    [Fact]
    public void The_check_value_of_the_catalogue_is_met() => Assert.Equal(0xe3069283u, Crc32C.Compute("123456789"u8));

    [Fact]
    public void The_examples_of_rfc_3720_are_met()
    {
        Assert.Equal(0x8a9136aau, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Compute(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46dd794eu, Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
    }

    [Fact]
    public void Nothing_has_the_checksum_zero() => Assert.Equal(0u, Crc32C.Compute([]));

    [Fact]
    public void A_seed_continues_where_the_bytes_before_ended()
    {
        var data = new byte[1000];
        new Random(7).NextBytes(data);
        var whole = Crc32C.Compute(data);
        for (var cut = 0; cut <= data.Length; cut += 37)
            Assert.Equal(whole, Crc32C.Compute(data.AsSpan(cut), Crc32C.Compute(data.AsSpan(0, cut))));
    }

    [Fact]
    public void What_is_computed_side_by_side_is_what_a_bit_at_a_time_gives()
    {
        var data = new byte[60_000];
        new Random(8).NextBytes(data);
        foreach (var length in (int[])[766, 767, 768, 769, 770, 1535, 1536, 4096, 12_287, 12_288, 12_289, 13_056, 24_576, 37_000, 59_999])
        {
            for (var at = 0; at < 2; at++)
                Assert.Equal(BitByBit(data.AsSpan(at, length), 0xdeadbeef), Crc32C.Compute(data.AsSpan(at, length), 0xdeadbeef));
        }
    }

    static uint BitByBit(ReadOnlySpan<byte> data, uint seed)
    {
        var crc = ~seed;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82f63b78);
        }

        return ~crc;
    }
}
