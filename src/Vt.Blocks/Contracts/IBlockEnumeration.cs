using Vt.Blocks.Hashing;

namespace Vt.Blocks.Contracts;

/// <summary>A store that can list its blocks.</summary>
public interface IBlockEnumeration
{
    /// <summary>
    /// Every block's name in ascending order, each once. Blocks added meanwhile may or may not appear. A listing that can't be
    /// completed ends in an exception, never early.
    /// </summary>
    /// <param name="after">Names up to and including this one are left out; null starts at the beginning.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    IAsyncEnumerable<BlockHash> EnumerateAsync(BlockHash? after = null, CancellationToken cancellationToken = default);
}
