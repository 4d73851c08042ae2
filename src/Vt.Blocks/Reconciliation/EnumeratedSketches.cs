using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.Reconciliation;

/// <summary>Makes sketches of a store that lists its blocks: each call goes through the names of its parts once.</summary>
/// <param name="listing">Lists them.</param>
/// <param name="algorithm">The algorithm of the names.</param>
public sealed class EnumeratedSketches(IBlockEnumeration listing, HashAlgorithmId algorithm) : ISetSketches
{
    /// <inheritdoc/>
    public bool CanSketch => true;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SetSketch> SketchAsync(
        FingerprintKey key, SketchRange range, int cells, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        range.Check();
        var (part, sketch) = (range.First, new SetSketch(cells));
        await foreach (var hash in listing.EnumerateAsync(range.Before(algorithm), cancellationToken))
        {
            var now = range.PartOf(hash);
            if (now > range.Last || hash.Algorithm != algorithm)
                break;
            for (; part < now; part++)
            {
                yield return sketch;
                sketch = new SetSketch(cells);
            }

            sketch.Add(key.Of(hash), key);
        }

        yield return sketch;
        for (; part < range.Last; part++)
            yield return new SetSketch(cells);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlockHash> FindNamesAsync(
        FingerprintKey key, SketchRange range, IReadOnlyCollection<ulong>? numbers, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        range.Check();
        var wanted = numbers is null ? null : new HashSet<ulong>(numbers);
        await foreach (var hash in listing.EnumerateAsync(range.Before(algorithm), cancellationToken))
        {
            if (range.PartOf(hash) > range.Last || hash.Algorithm != algorithm)
                break;
            if (wanted is null || wanted.Remove(key.Of(hash)))
                yield return hash;
            if (wanted is { Count: 0 })
                break;
        }
    }
}
