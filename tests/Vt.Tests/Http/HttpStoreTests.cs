using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Http;

/// <summary>What every store does, by a store that is behind a server.</summary>
public sealed class HttpStoreTests : StoreContract
{
    readonly MemoryStore _inner = new();
    HttpBed? _bed;

    protected override bool IsDurable => true;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _bed!.DisposeAsync();
    }

    protected override async ValueTask<IBlockStore> OpenAsync()
    {
        _bed ??= await HttpBed.StartAsync(_inner);
        return await _bed.OpenAsync();
    }
}
