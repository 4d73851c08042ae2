using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Cache;
using Vt.Stores.DataDir;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

/// <summary>A cache before a store that is served by a server of a store that is served.</summary>
public sealed class StreamChainTests : StoreContract
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly ServedStore _far;
    readonly ServedStore _near;

    public StreamChainTests()
    {
        DataDirStore.Initialise(_folder["store"]);
        _far = ServedStore.Start(() => DataDirStore.Open(_folder["store"]), isTls: true);
        _near = ServedStore.Start(() => new LateStream(_far));
    }

    protected override bool IsDurable => true;

    protected override async ValueTask<IBlockStore> OpenAsync() =>
        new CacheStore(_folder["cache"], await _near.OpenAsync(), new CacheOptions { MostBytes = CacheOptions.SmallestSize });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _near.DisposeAsync();
        await _far.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A store that is served elsewhere, opened where a factory may not wait.</summary>
    sealed class LateStream(ServedStore served) : Vt.Stores.ForwardingStore(Task.Run(() => served.OpenAsync()).GetAwaiter().GetResult());
}

/// <summary>Two stores that are served, as one.</summary>
public sealed class StreamProxyTests : StoreContract
{
    readonly MemoryStore _one = new();
    readonly MemoryStore _two = new();
    readonly ServedStore[] _served;

    public StreamProxyTests() => _served = [ServedStore.Start(() => _one), ServedStore.Start(() => _two, isTls: true)];

    protected override bool IsDurable => true;

    protected override async ValueTask<IBlockStore> OpenAsync()
    {
        IBlockStore[] stores = [await _served[0].OpenAsync(), await _served[1].OpenAsync()];
        return new ProxyStore(new ProxyRoles { Save = stores, Read = stores });
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var served in _served)
            await served.DisposeAsync();
    }

    [Fact]
    public async Task One_that_is_gone_is_read_past_and_not_written_past()
    {
        var hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);
        var stores = new List<IBlockStore>();
        foreach (var served in _served)
            stores.Add(await served.OpenAsync(served.ClientOptions with { Patience = TimeSpan.FromMilliseconds(200) }));
        await using var proxy = new ProxyStore(new ProxyRoles { Save = stores, Read = stores });
        var blocks = TestBlock.Many(hasher, 1, 20);
        await TestBlock.AddAsync(proxy, blocks);
        await proxy.FlushAsync();
        await _served[0].EndAsync();
        foreach (var block in blocks)
            Assert.True(await TestBlock.IsInAsync(proxy, block));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(proxy, TestBlock.Many(hasher, 2, 1)));
        _served[0].Begin();
    }
}
