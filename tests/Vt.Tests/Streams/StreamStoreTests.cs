using Vt.Blocks.Contracts;
using Vt.Stores.DataDir;
using Vt.Stores.Memory;
using Vt.Stores.Streams.Client;
using Vt.Tests.Support;

namespace Vt.Tests.Streams;

public abstract class StreamStoreContract : StoreContract
{
    ServedStore? _served;

    private protected ServedStore Served => _served ??= Serve();

    private protected abstract ServedStore Serve();

    protected override async ValueTask<IBlockStore> OpenAsync() => await Served.OpenAsync();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Served.DisposeAsync();
    }
}

public sealed class UnixStreamTests : StreamStoreContract
{
    protected override bool IsDurable => true;

    private protected override ServedStore Serve()
    {
        var store = new MemoryStore();
        return ServedStore.Start(() => store);
    }
}

public sealed class TlsStreamTests : StreamStoreContract
{
    protected override bool IsDurable => true;

    private protected override ServedStore Serve()
    {
        var store = new MemoryStore();
        return ServedStore.Start(() => store, isTls: true);
    }
}

public sealed class AskingStreamTests : StreamStoreContract
{
    protected override bool IsDurable => true;

    protected override async ValueTask<IBlockStore> OpenAsync() =>
        await Served.OpenAsync(Served.ClientOptions with { Asks = AskPolicy.Always, Lines = 3 });

    private protected override ServedStore Serve()
    {
        var store = new MemoryStore();
        return ServedStore.Start(() => store);
    }
}

public sealed class DataDirStreamTests : StreamStoreContract
{
    readonly TempFolder _folder = new();

    protected override bool IsDurable => true;

    private protected override ServedStore Serve()
    {
        DataDirStore.Initialise(_folder["store"]);
        return ServedStore.Start(() => DataDirStore.Open(_folder["store"]));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
