using Vt.Blocks.Contracts;
using Vt.Stores.Cache;
using Vt.Stores.DataDir;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;
using Vt.Tests.Support;

namespace Vt.Tests.Cache;

/// <summary>What every store does, done by caches of several shapes.</summary>
public abstract class CacheContract : StoreContract
{
    protected TempFolder Folder { get; } = new(inMemory: true);

    protected static CacheOptions Options => new() { MostBytes = CacheOptions.SmallestSize, Linger = TimeSpan.FromSeconds(20) };

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Folder.Dispose();
    }

    protected DataDirStore OpenDataDir(string name)
    {
        if (!File.Exists(Folder[$"{name}/config"]))
            DataDirStore.Initialise(Folder[name]);
        return DataDirStore.Open(Folder[name]);
    }
}

public sealed class CacheOverMemoryTests : CacheContract
{
    protected override ValueTask<IBlockStore> OpenAsync() => new(new CacheStore(Folder["cache"], new MemoryStore(), Options));
}

public sealed class CacheOverDataDirTests : CacheContract
{
    protected override bool IsDurable => true;

    protected override ValueTask<IBlockStore> OpenAsync() => new(new CacheStore(Folder["cache"], OpenDataDir("store"), Options));
}

/// <summary>Nothing is sent while the store is used.</summary>
public sealed class WritebackOverMemoryTests : CacheContract
{
    protected override ValueTask<IBlockStore> OpenAsync() =>
        new(new CacheStore(Folder["cache"], new MemoryStore(), Options with { IsWriteback = true, SendDelay = TimeSpan.FromDays(1) }));
}

/// <summary>What is written is sent when the store is closed, and the next opening finds it behind.</summary>
public sealed class WritebackOverDataDirTests : CacheContract
{
    protected override bool IsDurable => true;

    protected override ValueTask<IBlockStore> OpenAsync() =>
        new(new CacheStore(Folder["cache"], OpenDataDir("store"), Options with { IsWriteback = true, SendDelay = TimeSpan.FromDays(1) }));
}

/// <summary>What is written is never sent, and the next opening finds it in the queue.</summary>
public sealed class QueueAloneTests : CacheContract
{
    protected override bool IsDurable => true;

    protected override ValueTask<IBlockStore> OpenAsync() => new(new CacheStore(
        Folder["cache"], OpenDataDir("store"), Options with { IsWriteback = true, SendDelay = TimeSpan.FromDays(1), Linger = TimeSpan.Zero }));
}

/// <summary>A queue before a cache before a proxy of two.</summary>
public sealed class ThreeDeepTests : CacheContract
{
    protected override bool IsDurable => true;

    protected override ValueTask<IBlockStore> OpenAsync()
    {
        IBlockStore[] far = [OpenDataDir("one"), OpenDataDir("two")];
        var cache = new CacheStore(Folder["middle"], new ProxyStore(new ProxyRoles { Save = far, Read = far }), Options);
        return new(new CacheStore(Folder["near"], cache, Options with { IsWriteback = true, SendDelay = TimeSpan.FromDays(1) }));
    }
}
