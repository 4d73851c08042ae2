using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>What a store remembers of its damaged blocks.</summary>
public sealed class DamageNotesTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly TestBlock _block;
    readonly TestBlock _other;

    public DamageNotesTests()
    {
        var bytes = new byte[300_000];
        new Random(5).NextBytes(bytes);
        var hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);
        _block = TestBlock.Of(hasher, bytes);
        _other = TestBlock.Of(hasher, bytes[..1000]);
        DataDirStore.Initialise(Root);
    }

    string Root => _folder["store"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Only_what_the_disk_has_lost_is_noted_and_it_is_stored_again()
    {
        await FillAsync();
        await using (var store = DataDirStore.Open(Root))
        {
            Assert.False(store.HasDamage);
            Assert.True(await TestBlock.IsInAsync(store, _block));
            Assert.False(await store.NoteDamageAsync(_block.Hash));
            Assert.False(await store.NoteDamageAsync(HashAlgorithms.GetHasher(HashAlgorithms.Default).Hash([1])));

            // Read before, and still sound in memory.
            Damage();
            Assert.True(await TestBlock.IsInAsync(store, _block));
            Assert.True(await store.NoteDamageAsync(_block.Hash));
            Assert.False(await store.NoteDamageAsync(_other.Hash));
        }

        await using var next = DataDirStore.Open(Root);
        Assert.True(next.HasDamage);
        Assert.Equal(1, (await TestBlock.AddAsync(next, _block, _other)).NewBlocks);
        Assert.False(next.HasDamage);
        await using var last = DataDirStore.Open(Root);
        Assert.False(last.HasDamage);
    }

    [Fact]
    public async Task A_store_that_is_only_read_writes_no_note()
    {
        await FillAsync();
        Damage();
        await using (var reader = DataDirStore.Open(Root, new DataDirOptions { IsReadOnly = true }))
        {
            await Assert.ThrowsAsync<BlockCorruptException>(async () => await reader.GetAsync(_block.Hash));
            Assert.False(await reader.NoteDamageAsync(_block.Hash));
            Assert.True(reader.HasDamage);
        }

        await using var store = DataDirStore.Open(Root);
        Assert.False(store.HasDamage);
    }

    async Task FillAsync()
    {
        await using var store = DataDirStore.Open(Root);
        await TestBlock.AddAsync(store, _block);
        await TestBlock.AddAsync(store, _other);
    }

    void Damage()
    {
        using var file = File.OpenHandle(Assert.Single(Directory.GetFiles(Path.Combine(Root, "packs"))), FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, new byte[64], 150_000);
    }
}
