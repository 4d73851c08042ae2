using System.Text.Json;
using Vt.Blocks.Chunking;
using Vt.Blocks.Hashing;

namespace Vt.Tests.Hashing;

[Trait("Category", "InstructionSets")]
public sealed class Blake3Tests
{
    static readonly string Vectors = Path.Combine(AppContext.BaseDirectory, "golden", "blake3_test_vectors.json");

    public static TheoryData<int> Widths => [1, 4, 8, 16];

    static byte[] Input(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i % 251))];

    static byte[] Compute(in Blake3Mode mode, byte[] data, int length)
    {
        var output = new byte[length];
        Blake3.Compute(in mode, data, output);
        return output;
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void The_official_vectors_are_met_in_every_mode_and_length(int widest)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Vectors));
        var root = document.RootElement;
        var keyed = Blake3.KeyedMode(System.Text.Encoding.ASCII.GetBytes(root.GetProperty("key").GetString()!), widest);
        var derive = Blake3.DerivationMode(System.Text.Encoding.UTF8.GetBytes(root.GetProperty("context_string").GetString()!), widest);
        var modes = new[] { ("hash", Blake3Mode.Plain(widest)), ("keyed_hash", keyed), ("derive_key", derive) };
        foreach (var vector in root.GetProperty("cases").EnumerateArray())
        {
            var input = Input(vector.GetProperty("input_len").GetInt32());
            foreach (var (name, mode) in modes)
            {
                var expected = Convert.FromHexString(vector.GetProperty(name).GetString()!);
                Assert.Equal(expected, Compute(in mode, input, expected.Length));
                Assert.Equal(expected[..7], Compute(in mode, input, 7));
                var hasher = new Blake3Hasher(in mode);
                var name32 = new BlockHash(HashAlgorithmId.Blake3, expected.AsSpan(0, 32));
                Assert.Equal(name32, hasher.Hash(input));
                var hashes = new BlockHash[3];
                hasher.HashMany(input, [new Chunk(0, input.Length), new Chunk(0, input.Length), new Chunk(0, 0)], hashes);
                Assert.Equal(name32, hashes[0]);
                Assert.Equal(name32, hashes[1]);
            }
        }
    }

    [Fact]
    public void The_public_functions_meet_the_official_vectors()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Vectors));
        var root = document.RootElement;
        var key = System.Text.Encoding.ASCII.GetBytes(root.GetProperty("key").GetString()!);
        var context = System.Text.Encoding.UTF8.GetBytes(root.GetProperty("context_string").GetString()!);
        var output = new byte[131];
        foreach (var vector in root.GetProperty("cases").EnumerateArray())
        {
            var input = Input(vector.GetProperty("input_len").GetInt32());
            Blake3.Hash(input, output);
            Assert.Equal(vector.GetProperty("hash").GetString(), Convert.ToHexStringLower(output));
            Blake3.KeyedHash(key, input, output);
            Assert.Equal(vector.GetProperty("keyed_hash").GetString(), Convert.ToHexStringLower(output));
            Blake3.DeriveKey(context, input, output);
            Assert.Equal(vector.GetProperty("derive_key").GetString(), Convert.ToHexStringLower(output));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Many_at_once_are_named_as_one_by_one(int widest)
    {
        const int Seed = 20_261_121;
        var random = new Random(Seed + widest);
        var buffer = new byte[300_000];
        random.NextBytes(buffer);
        var scalar = new Blake3Hasher(Blake3Mode.Plain(1));
        var hasher = new Blake3Hasher(Blake3Mode.Plain(widest));
        for (var round = 0; round < 12; round++)
        {
            var largest = round switch { < 4 => 3000, < 8 => 40_000, _ => 200_000 };
            var chunks = new Chunk[random.Next(1, 40)];
            for (var i = 0; i < chunks.Length; i++)
            {
                var length = random.Next(largest + 1);
                if (random.Next(4) == 0)
                    length &= ~1023;
                chunks[i] = new Chunk(random.Next(buffer.Length - length + 1), length);
            }

            var hashes = new BlockHash[chunks.Length];
            hasher.HashMany(buffer, chunks, hashes);
            for (var i = 0; i < chunks.Length; i++)
            {
                var one = buffer.AsSpan(chunks[i].Offset, chunks[i].Length);
                Assert.True(scalar.Hash(one) == hashes[i], $"seed {Seed}, width {widest}, round {round}, {chunks[i]}");
                if (i < 4)
                    Assert.Equal(hashes[i], hasher.Hash(one));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Pieces_of_any_size_give_the_name_of_the_whole(int widest)
    {
        const int Seed = 7;
        var random = new Random(Seed);
        var mode = Blake3Mode.Plain(widest);
        foreach (var length in new[] { 0, 1, 1024, 1025, 16_384, 16_385, 40_000, 1 << 20, (1 << 20) + 1, 2_500_000 })
        {
            var data = new byte[length];
            random.NextBytes(data);
            var whole = new Blake3Hasher(in mode).Hash(data);
            foreach (var largest in new[] { 3000, 100_000, 2_000_000 })
            {
                using var stream = new Blake3Streaming(in mode);
                for (var at = 0; at < length;)
                {
                    var count = Math.Min(length - at, random.Next(largest));
                    stream.Append(data.AsSpan(at, count));
                    at += count;
                    if (random.Next(50) == 0)
                        stream.Current();
                }

                Assert.True(whole == stream.Current(), $"seed {Seed}, length {length}, pieces up to {largest}");
            }
        }
    }

    [Fact]
    public void A_batch_may_hold_more_than_a_thousand_chunks_and_chunks_over_a_mebibyte()
    {
        var random = new Random(1);
        var buffer = new byte[3_000_000];
        random.NextBytes(buffer);
        var chunks = new List<Chunk> { new(0, 3_000_000), new(5, 1 << 20), new(7, (1 << 20) + 1) };
        for (var i = 0; i < 3000; i++)
            chunks.Add(new Chunk(random.Next(2_000_000), random.Next(400)));
        chunks.Insert(1700, new Chunk(0, 2_999_999));
        var hasher = new Blake3Hasher();
        var hashes = new BlockHash[chunks.Count];
        hasher.HashMany(buffer, chunks.ToArray(), hashes);
        var scalar = new Blake3Hasher(Blake3Mode.Plain(1));
        for (var i = 0; i < chunks.Count; i++)
            Assert.Equal(scalar.Hash(buffer.AsSpan(chunks[i].Offset, chunks[i].Length)), hashes[i]);
    }

    [Fact]
    public void A_key_changes_every_name_and_must_have_32_bytes()
    {
        var keyed = new Blake3Hasher(new byte[32]);
        Assert.NotEqual(new Blake3Hasher().Hash("x"u8), keyed.Hash("x"u8));
        using var stream = keyed.StartStreaming();
        stream.Append("x"u8);
        Assert.Equal(keyed.Hash("x"u8), stream.Current());
        Assert.Throws<ArgumentException>(() => new Blake3Hasher(new byte[31]));
    }
}
