using Vt.Blocks.Contracts;
using Vt.Stores.DataDir;
using Vt.Tests.Architecture;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

/// <summary>A store that was written once and has to stay readable: tests/golden/s3.</summary>
public sealed class S3GoldenTests : IDisposable
{
    const string Ref = "archives/e7ddccbf-6691-4d39-a6d4-3e3705c4d235";

    readonly S3Bed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task A_store_of_version_1_is_read_with_all_blocks_and_movements()
    {
        Load();
        await using var store = await _bed.OpenAsync(isReadOnly: true);
        var count = 0;
        await foreach (var hash in ((IBlockEnumeration)store).EnumerateAsync())
        {
            using var lease = await store.GetAsync(hash);
            Assert.True(lease.IsPresent);
            count++;
        }

        Assert.Equal(8, count);
        Assert.Equal([Ref], await ((IRefStore)store).ListAsync().ToArrayAsync());
        var log = await ((IRefStore)store).ReadLogAsync(Ref).ToArrayAsync();
        Assert.Equal(["state saved", "state written", "state saved", "state written"], log.Select(static movement => movement.Note));
        Assert.EndsWith("/home/ann/gold.vt offset=+00:00 confirmed", log[^1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_of_a_store_is_the_manual_page_s_example()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Checkout.Top, "man", "vt-s3.5"));
        var example = await File.ReadAllTextAsync(Path.Combine(Folder, "vt-store"));
        Assert.Contains($".nf\n{example}.fi\n", page.Replace("\\-", "-", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_packs_can_be_laid_into_a_datadir()
    {
        Load();
        var path = _bed.Folder["datadir"];
        DataDirStore.Initialise(path);
        foreach (var pack in Directory.GetFiles(Path.Combine(Folder, "packs")))
            File.Copy(pack, Path.Combine(path, "packs", Path.GetFileName(pack)));
        await using var store = await _bed.OpenAsync(isReadOnly: true);
        await using var local = DataDirStore.Open(path);
        await foreach (var hash in ((IBlockEnumeration)store).EnumerateAsync())
        {
            using var lease = await local.GetAsync(hash);
            Assert.True(lease.IsPresent);
        }
    }

    static string Folder => Path.Combine(Checkout.Top, "tests", "golden", "s3");

    void Load()
    {
        foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
            _bed.Server![Path.GetRelativePath(Folder, file)] = File.ReadAllBytes(file);
    }
}
