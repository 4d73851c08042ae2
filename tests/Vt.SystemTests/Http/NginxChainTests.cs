using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Stores.Proxy;
using Vt.Tests.Support;

namespace Vt.SystemTests.Http;

/// <summary>The same behind a proxy whose first store has nothing.</summary>
public sealed class NginxChainTests(NginxExport export) : ReadingContract, IClassFixture<NginxExport>
{
    // A proxy lists what is behind it, and files on the web can't be listed.
    protected override bool CanList => false;

    protected override async ValueTask<IBlockStore> OpenAsync(MemoryStore filled)
    {
        var http = await export.OpenAsync();
        return new ProxyStore(new ProxyRoles { Save = [http], Read = [new MemoryStore(isComplete: false)], ReadElse = [http] }, new ProxyOptions());
    }
}
