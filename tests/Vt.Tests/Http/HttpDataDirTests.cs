using Vt.Blocks.Contracts;
using Vt.Stores.DataDir;
using Vt.Tests.Support;

namespace Vt.Tests.Http;

/// <summary>What every store does, by a data folder behind a server that is started anew whenever the store is opened.</summary>
public sealed class HttpDataDirTests : StoreContract
{
    readonly TempFolder _folder = new(inMemory: true);
    DataDirStore? _inner;
    HttpBed? _bed;

    protected override bool IsDurable => true;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await StopAsync();
        _folder.Dispose();
    }

    protected override async ValueTask<IBlockStore> OpenAsync()
    {
        await StopAsync();
        if (!Directory.Exists(_folder["store"]))
            DataDirStore.Initialise(_folder["store"], new DataDirConfig());
        _inner = DataDirStore.Open(_folder["store"], new DataDirOptions());
        _bed = await HttpBed.StartAsync(_inner);
        return await _bed.OpenAsync();
    }

    async Task StopAsync()
    {
        if (_bed is not null)
            await _bed.DisposeAsync();
        if (_inner is not null)
            await _inner.DisposeAsync();
    }
}
