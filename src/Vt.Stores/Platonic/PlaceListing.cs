using System.Collections;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>The blocks of files in ascending order of names, each once, as far as some file of each looks as it did.</summary>
/// <param name="set">The index.</param>
/// <param name="files">Looks at files.</param>
/// <param name="after">Names up to and including this one are left out; null starts at the beginning.</param>
/// <param name="algorithm">How blocks are named.</param>
sealed class PlaceListing(PlaceSet set, FileBlocks files, BlockHash? after, HashAlgorithmId algorithm) : IEnumerable<BlockHash>
{
    readonly Dictionary<(PlaceFile, uint), bool> _isUnchanged = [];

    public IEnumerator<BlockHash> GetEnumerator()
    {
        if (after is { } other && other.Algorithm > algorithm)
            yield break;
        var start = after is { } first && first.Algorithm == algorithm ? BlockKey.Of(first) : default(BlockKey?);
        var next = set.Files.Select(file => start is { } key ? file.Find(key) : 0).ToArray();
        while (Least(next) is { } key)
        {
            var isThere = false;
            for (var i = 0; i < next.Length; i++)
            {
                for (; next[i] < set.Files[i].Entries && set.Files[i].EntryAt(next[i]) is var entry && entry.Key == key; next[i]++)
                    isThere |= IsUnchanged(set.Files[i], FilePlace.Of(entry.Location).File);
            }

            if (isThere && key != start)
                yield return key.ToHash(algorithm);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    BlockKey? Least(long[] next)
    {
        BlockKey? least = null;
        for (var i = 0; i < next.Length; i++)
        {
            if (next[i] < set.Files[i].Entries && set.Files[i].EntryAt(next[i]).Key is var key && (least is not { } known || key.CompareTo(known) < 0))
                least = key;
        }

        return least;
    }

    bool IsUnchanged(PlaceFile index, uint file)
    {
        if (!_isUnchanged.TryGetValue((index, file), out var isUnchanged))
            _isUnchanged.Add((index, file), isUnchanged = file < (uint)index.Files && files.IsUnchanged(index, file));
        return isUnchanged;
    }
}
