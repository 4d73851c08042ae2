using Vt.Blocks.Hashing;

namespace Vt.Volumes.Commits;

/// <summary>Which commit to look at next, of a line of them that begins with good ones and ends with bad ones.</summary>
/// <param name="line">The commits, the oldest first: the first one is good, the last one bad.</param>
public sealed class Bisection(IReadOnlyList<BlockHash> line)
{
    readonly HashSet<int> _skipped = [];
    int _good;
    int _bad = line.Count - 1;

    /// <summary>The newest commit that is known to be good.</summary>
    public BlockHash Good => line[_good];

    /// <summary>The oldest commit that is known to be bad.</summary>
    public BlockHash Bad => line[_bad];

    /// <summary>Commits between these that can't be told from one another, as they were skipped.</summary>
    public IEnumerable<BlockHash> Undecided => Enumerable.Range(_good + 1, _bad - _good - 1).Select(at => line[at]);

    /// <summary>How many are left to look at.</summary>
    public int Left => Enumerable.Range(_good + 1, _bad - _good - 1).Count(at => !_skipped.Contains(at));

    /// <summary>The one in the middle of those that are left, or nearest to it.</summary>
    /// <returns>Null where none is left.</returns>
    public BlockHash? Next => Candidate is { } at ? line[at] : null;

    int? Candidate
    {
        get
        {
            var middle = (_good + _bad) / 2;
            for (var distance = 0; distance < _bad - _good; distance++)
            {
                foreach (var at in (int[])[middle - distance, middle + distance])
                {
                    if (at > _good && at < _bad && !_skipped.Contains(at))
                        return at;
                }
            }

            return null;
        }
    }

    /// <summary>Says how <see cref="Next"/> is.</summary>
    /// <param name="isGood">Whether it is good; null where nobody can say.</param>
    /// <exception cref="InvalidOperationException">None is left.</exception>
    public void Tell(bool? isGood)
    {
        var at = Candidate ?? throw new InvalidOperationException("none is left to tell of");
        if (isGood is null)
            _skipped.Add(at);
        else if (isGood.Value)
            _good = at;
        else
            _bad = at;
    }
}
