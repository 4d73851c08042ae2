using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Reconciliation;

/// <summary>Finds the blocks that one store has and another has not by going through both listings side by side: for stores that are near, or know no other way.</summary>
/// <param name="source">Has them.</param>
/// <param name="target">May not have them.</param>
public sealed class ListedDifference(IBlockEnumeration source, IBlockEnumeration target)
{
    const int BatchSize = 8192;

    /// <summary>Finds them, in batches.</summary>
    public async IAsyncEnumerable<IReadOnlyList<BlockHash>> FindMissingAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var names = new List<BlockHash>();
        await using var theirs = target.EnumerateAsync(null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var isThere = await theirs.MoveNextAsync();
        await foreach (var name in source.EnumerateAsync(null, cancellationToken))
        {
            while (isThere && theirs.Current < name)
                isThere = await theirs.MoveNextAsync();
            if (isThere && theirs.Current == name)
                continue;
            names.Add(name);
            if (names.Count < BatchSize)
                continue;
            yield return names;
            names = [];
        }

        if (names.Count > 0)
            yield return names;
    }
}
