using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Stores.PackFile;
using Vt.Tests.Support;

namespace Vt.Tests.PackFile;

/// <summary>What every store does for who reads it, by a store file.</summary>
public sealed class PackFileStoreTests : ReadingContract
{
    readonly TempFolder _folder = new(inMemory: true);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override ValueTask<IBlockStore> OpenAsync(MemoryStore filled)
    {
        File.WriteAllBytes(_folder["x.vtd"], TestPackFile.Make(References, Blocks));
        return new(PackFileStore.Open(_folder["x.vtd"]));
    }
}
