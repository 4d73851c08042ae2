using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Stores.PackFile;
using Vt.Tests.Support;

namespace Vt.Tests.PackFile;

/// <summary>Makes store files of blocks.</summary>
static class TestPackFile
{
    /// <summary>A store file with references and blocks.</summary>
    public static byte[] Make(IReadOnlyDictionary<string, string> references, IEnumerable<TestBlock> blocks)
    {
        var store = new MemoryStore();
        var bytes = new MemoryStream();
        var top = new PackFileTop(store.Chunking, references).Encode();
        using var writer = new PackFileWriter(store.Hasher.Algorithm, store.Hasher.Hash(top[0]), bytes.Write);
        foreach (var block in top)
            writer.Add(store.Hasher.Hash(block), block, BlockContent.Tree);
        writer.EndFrame();
        foreach (var block in blocks)
            writer.Add(block.Hash, block.Bytes, block.Content);
        writer.Complete();
        return bytes.ToArray();
    }
}
