using Vt.Blocks.Contracts;
using Vt.Stores.Config;
using Vt.Tests.Support;

namespace Vt.Tests.Cache;

/// <summary>A cache whose folder can't be used.</summary>
public sealed class CacheLeftOutTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly List<string> _notices = [];

    public CacheLeftOutTests()
    {
        // Where the table is to be, so that there can't be one.
        _folder.Make("cache/table/full");
        _folder.Make("cache/packs");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_done_without_and_that_is_said()
    {
        await using var store = await OpenAsync(new CacheSettings(_folder["cache"]));
        Assert.Contains("this command does without a cache", Assert.Single(_notices), StringComparison.Ordinal);
        Assert.DoesNotContain("cache", store.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packs/waiting.open")]
    [InlineData("moves")]
    public async Task It_is_missed_where_something_may_wait_in_it_to_be_sent(string file)
    {
        await File.WriteAllTextAsync(_folder["cache/" + file], "something");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(new CacheSettings(_folder["cache"])));
    }

    [Fact]
    public async Task It_is_missed_where_it_is_to_take_what_is_written() =>
        await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(new CacheSettings(_folder["cache"]) { IsWriteback = true }));

    Task<IBlockStore> OpenAsync(CacheSettings cache) =>
        StoreFactory.OpenAsync(StoreFactory.WithCache(new MemorySettings(), cache), new StoreOpenOptions { OnNotice = _notices.Add });
}
