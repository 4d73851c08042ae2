using Vt.Blocks.BlockTree;

namespace Vt.Tests.BlockTree;

public class ContentBatchTests
{
    [Fact]
    public async Task Contents_of_a_batch_get_the_references_that_a_writer_gives()
    {
        var random = new Random(41);
        var fixture = new TreeFixture();
        using var batch = new ContentBatch(fixture.Store.Hasher, 400_000);
        for (var round = 0; round < 3; round++)
        {
            var contents = new List<byte[]>();
            while (true)
            {
                var content = TestContent.Make(random, random.Next(3) == 0 ? random.Next(300) : random.Next(60_000));
                if (content.Length > batch.Free.Length)
                    break;
                content.CopyTo(batch.Free);
                batch.Add(content.Length, fixture.Rule);
                contents.Add(content);
                if (contents.Count == 3)
                    await batch.StoreAsync(fixture.Store);
            }

            await batch.StoreAsync(fixture.Store);
            Assert.Equal(contents.Count, batch.Count);
            for (var i = 0; i < contents.Count; i++)
            {
                Assert.Equal(contents[i], await fixture.ReadAsync(batch.References[i]));
                Assert.Equal(await fixture.WriteAsync(contents[i]), batch.References[i]);
            }

            batch.Clear();
        }
    }
}
