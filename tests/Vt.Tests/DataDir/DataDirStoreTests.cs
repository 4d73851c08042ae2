using Vt.Blocks.Contracts;
using Vt.Stores.DataDir;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

public sealed class DataDirStoreTests : StoreContract
{
    readonly TempFolder _folder = new();

    protected override bool IsDurable => true;

    protected override ValueTask<IBlockStore> OpenAsync()
    {
        if (!File.Exists(_folder["store/config"]))
            DataDirStore.Initialise(_folder["store"]);
        return new ValueTask<IBlockStore>(DataDirStore.Open(_folder["store"]));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
