using Vt.Blocks.Contracts;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

public sealed class S3ObjectStoreTests : StoreContract, IDisposable
{
    readonly S3Bed _bed = new();

    protected override bool IsDurable => true;

    protected override async ValueTask<IBlockStore> OpenAsync()
    {
        _bed.Settings = _bed.Settings with { IsObjectPerBlock = true };
        _bed.Server!.PageSize = 60;
        return await _bed.OpenAsync();
    }

    public void Dispose() => _bed.Dispose();
}
