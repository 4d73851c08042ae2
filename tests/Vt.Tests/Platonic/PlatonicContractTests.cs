using Vt.Blocks.Contracts;
using Vt.Stores.Cache;
using Vt.Stores.Memory;
using Vt.Tests.Support;

namespace Vt.Tests.Platonic;

/// <summary>What every store does, done by platonic stores.</summary>
public abstract class PlatonicContract : StoreContract
{
    private protected PlatonicBed Bed { get; } = new(inMemory: true);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Bed.Dispose();
    }
}

public sealed class PlatonicOverDataDirTests : PlatonicContract
{
    protected override bool IsDurable => true;

    protected override async ValueTask<IBlockStore> OpenAsync() => await Bed.OpenAsync();
}

public sealed class PlatonicOverMemoryTests : PlatonicContract
{
    protected override async ValueTask<IBlockStore> OpenAsync() => await Bed.OpenAsync(new MemoryStore());
}

/// <summary>A cache before a platonic store before a cache: three deep.</summary>
public sealed class PlatonicInAChainTests : PlatonicContract
{
    static readonly CacheOptions _options = new() { MostBytes = CacheOptions.SmallestSize, Linger = TimeSpan.FromSeconds(20) };

    protected override async ValueTask<IBlockStore> OpenAsync() =>
        new CacheStore(Bed.Elsewhere("near"), await Bed.OpenAsync(new CacheStore(Bed.Elsewhere("far"), new MemoryStore(isComplete: false), _options)), _options);
}
