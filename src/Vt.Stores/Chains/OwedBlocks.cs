using Vt.Blocks.Hashing;

namespace Vt.Stores.Chains;

/// <summary>
/// What was added to a store, or said to be there, and not flushed, by name; and what of it may be lost since an opening of the store had to be given up. Thread-safe. Takes some 60
/// bytes a block, up to <see cref="Most"/> of them.
/// </summary>
/// <remarks>
/// 1. A name is owed from when its block was added, or said to be there, until a flush that began later has succeeded. 2. What was owed when an opening was given up is in doubt, and no flush
/// succeeds before each such block is found in the store, there before or added again: whoever of several writers added it, none of them is told that it is safe. 3. Beyond
/// the bound it is not known which blocks are in doubt; then the next flush says so, once.
/// </remarks>
sealed class OwedBlocks
{
    /// <summary>How many names are remembered.</summary>
    public const int Most = 1 << 18;

    // Guards all fields.
    readonly Lock _gate = new();
    Dictionary<BlockHash, long> _owed = [];
    readonly HashSet<BlockHash> _doubted = [];
    long _flushes;
    bool _isOverfull;
    bool _isUnknown;
    Exception? _why;

    /// <summary>Whether it is time for a flush, before there are more names than are remembered.</summary>
    public bool IsHalfFull
    {
        get
        {
            lock (_gate)
                return _owed.Count >= Most / 2;
        }
    }

    /// <summary>Says that blocks were added, or are there.</summary>
    public void Note(ReadOnlySpan<BlockHash> hashes)
    {
        lock (_gate)
        {
            foreach (ref readonly var hash in hashes)
            {
                if (_owed.Count < Most)
                    _owed[hash] = _flushes;
                else
                    _isOverfull = true;
            }
        }
    }

    /// <summary>A flush begins.</summary>
    /// <returns>What <see cref="EndFlush"/> wants.</returns>
    public long BeginFlush()
    {
        lock (_gate)
            return ++_flushes;
    }

    /// <summary>A flush has succeeded: what was added before it began is safe.</summary>
    public void EndFlush(long flush)
    {
        lock (_gate)
        {
            // What was added while it ran is owed to the next one.
            if (_owed.Values.All(noted => noted < flush))
                _owed = [];
            else
                _owed = _owed.Where(owed => owed.Value >= flush).ToDictionary();
            _isOverfull &= _owed.Count > 0;
        }
    }

    /// <summary>The opening to which they were added had to be given up.</summary>
    public void Doubt(Exception why)
    {
        lock (_gate)
        {
            if (_owed.Count == 0)
                return;
            _doubted.UnionWith(_owed.Keys);
            _isUnknown |= _isOverfull;
            (_owed, _isOverfull, _why) = ([], false, why);
        }
    }

    /// <summary>Whether blocks are in doubt that nobody knows the names of; asking says so once.</summary>
    public bool TakeUnknown()
    {
        lock (_gate)
        {
            var isUnknown = _isUnknown;
            _isUnknown = false;
            return isUnknown;
        }
    }

    /// <summary>Which blocks are in doubt.</summary>
    public BlockHash[] Doubted()
    {
        lock (_gate)
            return [.. _doubted];
    }

    /// <summary>They are in the store, and a flush has made them safe.</summary>
    public void Clear(ReadOnlySpan<BlockHash> hashes)
    {
        lock (_gate)
        {
            foreach (ref readonly var hash in hashes)
                _doubted.Remove(hash);
        }
    }

    /// <summary>Why they are in doubt.</summary>
    public Exception? Why
    {
        get
        {
            lock (_gate)
                return _why;
        }
    }
}
