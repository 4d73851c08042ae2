using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Chunking.Scanners;

namespace Vt.Tests.BlockTree;

/// <summary>A store that counts, and the usual ways to put content into it and to get it back.</summary>
sealed class TreeFixture
{
    public TreeFixture(IChunkCutter? rule = null)
    {
        Store = new CountingStore();
        Rule = rule ?? new Chunker(Parameters);
    }

    /// <summary>Small chunks, so that trees of little content are deep.</summary>
    public static ChunkingParameters Parameters { get; } = ChunkingParameters.ForAverage(1024);

    /// <summary>The chunker bare and with a scanner, and the rule's contract in its simplest form.</summary>
    public static IChunkCutter MakeRule(Random random) => random.Next(3) switch
    {
        0 => new TestCutter(Parameters),
        1 => new Chunker(Parameters, new SourceTextScanner()),
        _ => new Chunker(Parameters),
    };

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
