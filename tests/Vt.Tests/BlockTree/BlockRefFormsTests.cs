using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;

namespace Vt.Tests.BlockTree;

public class BlockRefFormsTests
{
    static readonly BlockHash Hash = new(HashAlgorithmId.Blake3, Convert.FromHexString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));

    [Fact]
    public void Every_reference_comes_back_from_its_binary_form() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var reference = TestRefs.Make(new Random(seed));
            using var writer = new ByteWriter();
            reference.Write(writer);
            writer.WriteByte(99);
            Assert.Equal(writer.Length - 1, reference.BinaryLength);
            Assert.InRange(reference.BinaryLength, 3, BlockRef.LongestBinary);
            var reader = new ByteReader(writer.Written);
            Assert.Equal(reference, BlockRef.Read(ref reader));
            Assert.Equal(1, reader.Remaining);
            var skipper = new ByteReader(writer.Written);
            BlockRef.Skip(ref skipper);
            Assert.Equal(1, skipper.Remaining);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Every_reference_comes_back_from_its_text_form_alone_and_within_other_text() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var reference = TestRefs.Make(new Random(seed));
            var text = reference.ToString();
            Assert.All(text, c => Assert.InRange(c, '!', '~'));
            Assert.Equal(reference, BlockRef.Parse(text));
            var reader = new CharReader(text + ",size:3");
            Assert.Equal(reference, BlockRef.Parse(ref reader));
            Assert.Equal(text.Length, reader.Position);
            Assert.False(BlockRef.TryParse(text + " ", out _));
            Assert.False(BlockRef.TryParse(text.AsSpan(0, text.Length - 1), out _));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    public static TheoryData<BlockRef, string, string> Golden()
    {
        const string Digest = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        var direct = BlockRef.Direct(Hash, 300);
        return new TheoryData<BlockRef, string, string>
        {
            { direct, $"B{{{Digest}.blake3,span:300}}", "2400ac0201" + Digest },
            { BlockRef.Indirect(Hash, 300, 2), $"I{{{Digest}.blake3,span:300,level:2}}", "2501ac020201" + Digest },
            { BlockRef.Literal("a \"\n"u8), "L{\"a\\x20\\\"\\x0a\"}", "0602046120220a" },
            { BlockRef.Empty, "L{\"\"}", "020200" },
            { BlockRef.Run(0xfe, 1L << 40), "R{xfe,span:1099511627776}", "08038080808080" + "20fe" },
            { BlockRef.Slice(direct, 1, 5), $"S{{offset:1,span:5,of:B{{{Digest}.blake3,span:300}}}}", "28040501" + "2400ac0201" + Digest },
        };
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void The_forms_are_as_documented(BlockRef reference, string text, string binary)
    {
        Assert.Equal(text, reference.ToString());
        using var writer = new ByteWriter();
        reference.Write(writer);
        Assert.Equal(binary, Convert.ToHexStringLower(writer.Written));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("X{}", 0)]
    [InlineData("B{zz.blake3,span:3}", 2)]
    [InlineData("R{x0g,span:3}", 3)]
    [InlineData("R{x00,span:0}", 11)]
    [InlineData("R{x00,span:-3}", 11)]
    [InlineData("R{x00,span:99999999999999999999}", 11)]
    [InlineData("R{x00,span:3", 12)]
    [InlineData("R{x00,span:3} ", 13)]
    [InlineData("L{\"a b\"}", 4)]
    [InlineData("S{offset:0,span:1,of:R{x00,span:3}}", 0)]
    [InlineData("S{offset:0,span:1,of:S{offset:0,span:1,of:L{\"\"}}}", 21)]
    public void A_fault_in_a_text_is_reported_where_it_is(string text, int at)
    {
        Assert.Equal(at, Assert.Throws<FormatInvalidException>(() => BlockRef.Parse(text)).Offset);
        Assert.False(BlockRef.TryParse(text, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0200")]
    [InlineData("020000")] // a direct one of no bytes
    [InlineData("020500")] // kind 5
    [InlineData("0402046161")] // too few bytes
    [InlineData("04020161" + "61")] // too many
    [InlineData("03030000")] // a run of nothing
    [InlineData("0403010000")] // a tail
    [InlineData("ffffffff0f")]
    public void A_malformed_binary_form_is_refused(string hex) =>
        Assert.Throws<FormatInvalidException>(() =>
        {
            var reader = new ByteReader(Convert.FromHexString(hex));
            BlockRef.Read(ref reader);
        });

    [Fact]
    public void Damaged_binary_forms_are_refused_or_give_the_bytes_they_then_are()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            using var writer = new ByteWriter();
            TestRefs.Make(random).Write(writer);
            var bytes = writer.Written.ToArray();
            for (var flips = random.Next(3); flips >= 0; flips--)
                bytes[random.Next(Math.Min(8, bytes.Length))] ^= (byte)(1 << random.Next(8));
            bytes = bytes[..random.Next(bytes.Length + 1)];
            try
            {
                var reader = new ByteReader(bytes);
                var reference = BlockRef.Read(ref reader);
                using var again = new ByteWriter();
                reference.Write(again);
                Assert.Equal(bytes[..reader.Position], again.Written.ToArray());
            }
            catch (FormatInvalidException)
            {
                // Refused, which is the other right answer.
            }
        }
    }

    [Fact]
    public void Damaged_texts_are_refused_or_are_references()
    {
        var random = new Random(8);
        for (var i = 0; i < 20_000; i++)
        {
            var text = TestRefs.Make(random).ToString().ToCharArray();
            text[random.Next(text.Length)] = (char)random.Next(0x100);
            if (BlockRef.TryParse(text, out var reference))
                Assert.Equal(reference, BlockRef.Parse(reference.ToString()));
        }
    }
}
