using Vt.Blocks.Contracts;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Memory;

public sealed class MemoryStoreTests : StoreContract
{
    protected override ValueTask<IBlockStore> OpenAsync() => new(new MemoryStore());
}
