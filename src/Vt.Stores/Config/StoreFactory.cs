using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Memory;

namespace Vt.Stores.Config;

/// <summary>Opens and makes stores from their settings.</summary>
public static class StoreFactory
{
    /// <summary>Opens a store.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is no such store.</exception>
    /// <exception cref="StoreUnavailableException">It can't be opened.</exception>
    public static Task<IBlockStore> OpenAsync(StoreSettings settings, StoreOpenOptions options, CancellationToken cancellationToken = default) => settings switch
    {
        MemorySettings memory => Task.FromResult<IBlockStore>(
            new MemoryStore(HashAlgorithms.GetHasher(options.Hash), time: options.Clock) { MostBytes = memory.MaxData }),
        _ => throw new UnreachableException(),
    };
}
