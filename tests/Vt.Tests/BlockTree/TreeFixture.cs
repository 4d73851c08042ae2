using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;

namespace Vt.Tests.BlockTree;

/// <summary>A store that counts, and the usual ways to put content into it and to get it back.</summary>
sealed class TreeFixture
{
    public TreeFixture(int average = 1024)
    {
        Store = new CountingStore();
        Rule = new TestCutter(ChunkingParameters.ForAverage(average));
    }

    public CountingStore Store { get; }

    public IChunkCutter Rule { get; }

    public async Task<BlockRef> WriteAsync(byte[] content, BlockTreeWriterOptions? options = null)
    {
        await using var writer = new BlockTreeWriter(Store, Rule, options);
        await writer.WriteAsync(content);
        return await writer.CompleteAsync();
    }

    public async Task<byte[]> ReadAsync(BlockRef root)
    {
        var content = new byte[root.Span];
        var reader = new BlockTreeReader(Store, root);
        Assert.Equal(content.Length, await reader.ReadAsync(0, content));
        return content;
    }
}
