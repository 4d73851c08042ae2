using System.Numerics;
using Vt.Blocks.Encoding;

namespace Vt.Tests.Encodings;

public sealed class Mix64Tests
{
    [Theory]
    [InlineData("", 0, 0x469b7d93554842dd)]
    [InlineData("a", 0, 0x369b7af7243e8a34)]
    [InlineData("a", 1, 0x303258f6bf5fb7c7)]
    [InlineData("0123456789abcdef", 0, 0x39d0b7876b531475)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0, 0x38c3e7f0e138013f)]
    public void The_format_s_values_do_not_change(string text, ulong seed, ulong expected) =>
        Assert.Equal(expected, Mix64.Hash(System.Text.Encoding.ASCII.GetBytes(text), seed));

    [Fact]
    public void Every_byte_value_counts() =>
        Assert.Equal(0x3657831f1373210cUL, Mix64.Hash(Enumerable.Range(0, 256).Select(i => (byte)i).ToArray()));

    [Fact]
    public void One_changed_bit_changes_about_half_of_the_result()
    {
        var random = new Random(3);
        foreach (var length in new[] { 1, 7, 8, 15, 16, 17, 33, 100 })
        {
            var data = new byte[length];
            var changed = 0L;
            var trials = 0;
            for (var round = 0; round < 50; round++)
            {
                random.NextBytes(data);
                var before = Mix64.Hash(data);
                var bit = random.Next(length * 8);
                data[bit / 8] ^= (byte)(1 << (bit % 8));
                changed += BitOperations.PopCount(before ^ Mix64.Hash(data));
                trials++;
            }

            Assert.InRange((double)changed / trials, 28, 36);
        }
    }

    [Fact]
    public void Trailing_zeros_are_told_apart()
    {
        var seen = new HashSet<ulong>();
        for (var length = 0; length < 100; length++)
            Assert.True(seen.Add(Mix64.Hash(new byte[length])));
    }
}
