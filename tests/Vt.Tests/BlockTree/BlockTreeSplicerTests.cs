using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.BlockTree;

namespace Vt.Tests.BlockTree;

public class BlockTreeSplicerTests
{
    [Fact]
    public void A_splice_gives_the_reference_of_the_edited_content_written_afresh() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckLawAsync(seed, 60_000).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void A_splice_of_content_of_megabytes_gives_the_reference_of_the_edited_content_written_afresh() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => CheckLawAsync(seed, 3_000_000).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(10));

    static async Task CheckLawAsync(int seed, int most)
    {
        var random = new Random(seed);
        var fixture = new TreeFixture();
        var splicer = new BlockTreeSplicer(fixture.Store, fixture.Rule);
        var content = TestContent.Make(random, random.Next(4) == 0 ? random.Next(300) : random.Next(most));
        var root = await fixture.WriteAsync(content);
        for (var edit = 0; edit < 4; edit++)
        {
            var offset = Near(random, content.Length);
            var removed = random.Next(3) switch { 0 => 0, 1 => random.Next(Math.Min(content.Length - offset, 5000) + 1), _ => random.Next(content.Length - offset + 1) };
            var added = TestContent.Make(random, random.Next(3) switch { 0 => 0, 1 => random.Next(20), _ => random.Next(20_000) });
            byte[] edited = [.. content[..offset], .. added, .. content[(offset + removed)..]];
            var piece = random.Next(2) == 0 ? ContentPiece.Of(added) : ContentPiece.Of(await fixture.WriteAsync(added));
            var spliced = await splicer.SpliceAsync(root, offset, removed, piece);
            Assert.Equal(await fixture.WriteAsync(edited), spliced);
            (content, root) = (edited, spliced);
        }
    }

    // Edits like to be at edges.
    static int Near(Random random, int length) => random.Next(4) switch
    {
        0 => 0,
        1 => length,
        _ => random.Next(length + 1),
    };
}
