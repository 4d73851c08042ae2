namespace Vt.Files.BackedFiles;

/// <summary>
/// Goes through a range of a file's content and tells which parts have the same source in an earlier content: those are the same bytes,
/// since nothing that sources lead to ever changes.
/// </summary>
/// <param name="now">The content.</param>
/// <param name="earlier">The other; what lies behind its end is not the same.</param>
/// <param name="from">Where the range starts.</param>
/// <param name="to">Where it ends.</param>
struct SourceComparison(in ContentLayers now, in ContentLayers earlier, long from, long to)
{
    ContentWalk _now = now.Walk(from, to);
    ContentWalk _earlier = earlier.Walk(from, to);
    Extent _rest;
    Extent _other;
    bool _hasOther = true;

    /// <summary>The part of the content, once <see cref="MoveNext"/> has said that there is one.</summary>
    public Extent Current { get; private set; }

    /// <summary>Whether its source is the same in the other.</summary>
    public bool IsSame { get; private set; }

    /// <summary>Whether it is an extent, and not backing or a gap.</summary>
    public readonly bool IsExtent => _now.IsExtent;

    /// <summary>Goes to the next part; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.Length == 0)
        {
            if (!_now.MoveNext())
                return false;
            _rest = _now.Current;
        }

        if (_hasOther && _other.End <= _rest.Offset)
        {
            _hasOther = _earlier.MoveNext();
            _other = _earlier.Current;
        }

        var end = _hasOther ? Math.Min(_rest.End, _other.End) : _rest.End;
        Current = _rest.Part(_rest.Offset, end);
        IsSame = _hasOther && Current.Source == _other.Part(Current.Offset, end).Source;
        _rest = _rest.Part(end, _rest.End);
        return true;
    }
}
