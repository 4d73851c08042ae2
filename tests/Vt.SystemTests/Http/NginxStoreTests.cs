using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.SystemTests.Http;

/// <summary>What every store does for who reads it, by one that was exported and that nginx hands out.</summary>
public sealed class NginxStoreTests(NginxExport export) : ReadingContract, IClassFixture<NginxExport>
{
    protected override async ValueTask<IBlockStore> OpenAsync(MemoryStore filled) => await export.OpenAsync();
}
