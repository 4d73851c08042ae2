using Vt.Blocks.Contracts;
using Vt.Stores.DataDir;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;
using Vt.Tests.Support;

namespace Vt.Tests.Proxy;

public sealed class ProxyOfOneTests : StoreContract
{
    protected override ValueTask<IBlockStore> OpenAsync()
    {
        var store = new MemoryStore();
        return new(new ProxyStore(new ProxyRoles { Save = [store], Read = [store] }));
    }
}

public sealed class ProxyOfSeveralTests : StoreContract
{
    readonly TempFolder _folder = new();

    protected override bool IsDurable => true;

    protected override ValueTask<IBlockStore> OpenAsync()
    {
        IBlockStore[] stores = [.. new[] { "one", "two", "far" }.Select(Open)];
        return new(new ProxyStore(new ProxyRoles { Save = stores[..2], Read = stores[..2], ReadElse = stores[2..], Copy = stores[..1] }));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    DataDirStore Open(string name)
    {
        if (!File.Exists(_folder[$"{name}/config"]))
            DataDirStore.Initialise(_folder[name]);
        return DataDirStore.Open(_folder[name]);
    }
}

/// <summary>A chain three deep, whose stores are slow now and then.</summary>
public sealed class ProxyChainTests : StoreContract
{
    protected override ValueTask<IBlockStore> OpenAsync()
    {
        var (near, middle, far) = (Slow(), Slow(), Slow());
        var back = new ProxyStore(new ProxyRoles { Save = [far], Read = [middle], ReadElse = [far], Copy = [middle] });
        return new(new ProxyStore(new ProxyRoles { Save = [back], Read = [near], ReadElse = [back], Copy = [near] }));
    }

    static FaultyStore Slow() => new(new MemoryStore(), [new FaultRule(FaultKind.Delay, Every: 50) { Delay = TimeSpan.FromMilliseconds(1) }]);
}
