using Vt.Blocks.Contracts;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.SystemTests.S3;

[Collection(S3Collection.Name)]
public sealed class GatewayPackTests(S3Gateway gateway) : StoreContract, IDisposable
{
    readonly S3Bed _bed = gateway.NewBed();

    protected override bool IsDurable => true;

    protected override async ValueTask<IBlockStore> OpenAsync() => await _bed.OpenAsync();

    public void Dispose() => _bed.Dispose();
}
