using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Stores.PackFile;

namespace Vt.Tests.PackFile;

public sealed class PackFileTopTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        var reference =
            from name in Gen.Elements("a", "b/c", "trees/x@1", "Z-_.+", "volume/1/branches/main")
            from value in Gen.Elements("", "x", "D{a:\"b c\"}", "ü % \t", new string('y', 90_000))
            select (Name: name, Value: value);
        var references =
            from list in reference.ListOf()
            select list.DistinctBy(static one => one.Name).ToDictionary(static one => one.Name, static one => one.Value);
        Prop.ForAll(references.ToArbitrary(), static values =>
        {
            var top = new PackFileTop(ChunkingParameters.ForAverage(64 << 10), values);
            var read = PackFileTop.Read(top.Encode());
            Assert.Equal(top.Chunking, read!.Chunking);
            Assert.Equal(values.OrderBy(static value => value.Key), read.References.OrderBy(static value => value.Key));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Many_references_go_on_in_further_blocks()
    {
        var values = Enumerable.Range(0, 9000).ToDictionary(static i => $"trees/{i:D5}", static i => new string('v', i % 200));
        var blocks = new PackFileTop(ChunkingParameters.Default, values).Encode();
        Assert.InRange(blocks.Count, 4, 20);
        Assert.All(blocks, static block => Assert.InRange(block.Length, 1, PackFileTop.LongestBlock));
        Assert.Equal(values, PackFileTop.Read(blocks.Concat([[1, 2, 3]]))!.References);
        Assert.Throws<FormatInvalidException>(() => PackFileTop.Read(blocks.Take(3)));
        Assert.Throws<FormatInvalidException>(() => PackFileTop.Read([blocks[0], [1, 2, 3]]));
    }

    [Fact]
    public void A_block_of_something_else_is_none() => Assert.Null(PackFileTop.Read([[1, 2, 3]]));

    [Fact]
    public void A_value_that_is_too_long_is_refused() =>
        Assert.Throws<UserErrorException>(static () => new PackFileTop(ChunkingParameters.Default, new Dictionary<string, string> { ["a"] = new('x', 200_000) }).Encode());

    [Fact]
    public void Whatever_bytes_follow_the_mark_they_are_read_or_refused()
    {
        var lines = Gen.Elements("reference a b", "reference a", "reference .. x", "chunking 1 2 3 4", "chunking 1 8192 32768 131072", "chunking x", "more", "end", "", "later news", "\ufffd");
        Prop.ForAll(lines.ListOf().ToArbitrary(), static words =>
        {
            try
            {
                PackFileTop.Read([System.Text.Encoding.UTF8.GetBytes("vt-store-file 1\n" + string.Join('\n', words) + "\n")]);
            }
            catch (FormatInvalidException)
            {
                // Refused.
            }
        }).QuickCheckThrowOnFailure();
    }
}
