using Vt.Blocks.Hashing;
using Vt.Stores.DataDir;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>When a pack is full and the next is begun.</summary>
public sealed class FullPackTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);

    string Root => _folder["store"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tiny_blocks_fill_a_pack_by_their_number_so_that_what_is_kept_in_memory_of_it_stays_bounded()
    {
        const int Together = 10_000;
        const int Batches = 15;
        DataDirStore.Initialise(Root);
        var hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);
        await using (var store = DataDirStore.Open(Root))
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                var blocks = Enumerable.Range(batch * Together, Together).Select(i => TestBlock.Of(hasher, BitConverter.GetBytes((long)i))).ToList();
                Assert.Equal(Together, (await TestBlock.AddAsync(store, blocks)).NewBlocks);
            }
        }

        // 150,000 blocks: two full packs and one that has the rest, though all of them are far below a pack's size in bytes.
        Assert.Equal(3, Directory.GetFiles(Path.Combine(Root, "packs"), "*.vtd").Length);
        await using var reader = DataDirStore.Open(Root, new DataDirOptions { IsReadOnly = true });
        Assert.Equal(Together * Batches, await reader.EnumerateAsync().CountAsync());
    }
}
