using Vt.Blocks.Contracts;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

public sealed class S3PackStoreTests : StoreContract, IDisposable
{
    readonly S3Bed _bed = new();

    protected override bool IsDurable => true;

    protected override async ValueTask<IBlockStore> OpenAsync() => await _bed.OpenAsync();

    public void Dispose() => _bed.Dispose();
}
