using Vt.Blocks.Hashing;

namespace Vt.Trees.Check;

/// <summary>
/// Blocks that proved missing or damaged, and the place where each was met first. Bounded: beyond <see cref="Most"/> blocks only the first place of
/// each further one is told. Thread-safe.
/// </summary>
/// <param name="report">Is told of each place; one call at a time.</param>
sealed class BadBlocks(Action<CheckPlace, BlockHash, string> report)
{
    /// <summary>How many blocks are kept, at about 250 bytes each.</summary>
    public const int Most = 200_000;

    /// <summary>How many places of one block are told.</summary>
    public const int MostPlaces = 1000;

    // Guards what follows, and makes reports come one at a time.
    readonly Lock _gate = new();
    readonly Dictionary<(BlockHash Hash, long Span, SeenAs SeenAs), Bad> _blocks = [];
    volatile bool _isAny;

    /// <summary>Whether there are any.</summary>
    public bool IsAny => _isAny;

    /// <summary>Whether some are known of which not every place can be found.</summary>
    public bool IsOverfull { get; private set; }

    /// <summary>Whether a block is among them.</summary>
    public bool Contains(in BlockHash hash, long span, SeenAs seenAs)
    {
        if (!_isAny)
            return false;
        lock (_gate)
            return _blocks.ContainsKey((hash, span, seenAs));
    }

    /// <summary>Reports a block unless it is known.</summary>
    public void Add(in BlockHash hash, long span, SeenAs seenAs, in CheckPlace place, string what)
    {
        lock (_gate)
        {
            _isAny = true;
            if (_blocks.ContainsKey((hash, span, seenAs)))
                return;
            if (_blocks.Count < Most)
                _blocks.Add((hash, span, seenAs), new Bad(place, CheckPath.Of(place.Path), what));
            else
                IsOverfull = true;
            report(place, hash, what);
        }
    }

    /// <summary>Reports another place of a known block, up to so many of each.</summary>
    /// <returns>Whether the block is known.</returns>
    public bool AddPlace(in BlockHash hash, long span, SeenAs seenAs, in CheckPlace place)
    {
        if (!_isAny)
            return false;
        lock (_gate)
        {
            if (!_blocks.TryGetValue((hash, span, seenAs), out var bad))
                return false;
            if (bad.IsFirst(place))
                return true;
            if (++bad.Places <= MostPlaces)
                report(place, hash, bad.What);
            return true;
        }
    }

    /// <summary>Says of each block how many places were not told.</summary>
    public void ReportUntold()
    {
        lock (_gate)
        {
            foreach (var (block, bad) in _blocks)
            {
                if (bad.Places > MostPlaces)
                    report(bad.First with { Offset = null }, block.Hash, $"{bad.Places - MostPlaces} more places need block {block.Hash}");
            }

            if (IsOverfull)
                report(default, default, $"more than {Most} blocks are bad: of some only the first place was told");
        }
    }

    sealed class Bad(CheckPlace first, byte[] path, string what)
    {
        public CheckPlace First => first;

        public string What => what;

        public long Places { get; set; }

        public bool IsFirst(in CheckPlace place) =>
            place.Tree == first.Tree && place.Offset == first.Offset && path.AsSpan().SequenceEqual(CheckPath.Of(place.Path));
    }
}
