using Vt.Blocks.Contracts;
using Vt.Stores.DataDir;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>A store that may not grow beyond a size.</summary>
public sealed class SizeLimitTests : IDisposable
{
    const long Most = 4 << 20;
    readonly TempFolder _folder = new(inMemory: true);

    public SizeLimitTests() => DataDirStore.Initialise(_folder["store"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_writers_stop_at_the_limit_and_known_blocks_are_taken_still()
    {
        await using var one = Open();
        await using var other = Open();
        var random = new Random(1);
        var added = new List<TestBlock>();
        var fault = default(StoreFullException);
        for (var i = 0; fault is null; i++)
        {
            var bytes = new byte[50_000];
            random.NextBytes(bytes);
            var block = TestBlock.Of(one.Hasher, bytes);
            fault = (StoreFullException?)await Record.ExceptionAsync(() => TestBlock.AddAsync(i % 2 == 0 ? one : other, block));
            if (fault is null)
                added.Add(block);
        }

        Assert.Contains("max_size is 4194304", fault.Message, StringComparison.Ordinal);
        Assert.InRange(new DirectoryInfo(_folder["store/packs"]).GetFiles().Sum(file => file.Length), Most * 3 / 4, Most + 100_000);
        Assert.Equal(added.Count, (await TestBlock.AddAsync(other, added)).KnownBlocks);
        await one.FlushAsync();
        foreach (var block in added)
            Assert.True(await TestBlock.IsInAsync(one, block));
    }

    DataDirStore Open() => DataDirStore.Open(_folder["store"], new DataDirOptions { MostBytes = Most });
}
