using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Stores.PackFile;
using Vt.Tests.Support;

namespace Vt.Tests.PackFile;

/// <summary>The same by a store file that has lost its table of contents, through a pipe.</summary>
public sealed class ScannedPackFileStoreTests : ReadingContract
{
    protected override async ValueTask<IBlockStore> OpenAsync(MemoryStore filled)
    {
        var store = await PackFileSpool.OpenAsync(new MemoryStream(TestPackFile.Make(References, Blocks)[..^1]), "a pipe");
        Assert.NotNull(store.Damage);
        return store;
    }
}
