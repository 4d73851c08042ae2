namespace Vt.Files.BackedFiles;

/// <summary>Goes through the parts of a range of a file's content, without gaps. Parts of backing and gaps have stamp 0.</summary>
struct ContentWalk
{
    readonly ContentLayers _layers;
    readonly long _to;
    ExtentView.Enumerator _extents;
    bool _hasExtent;
    long _at;

    /// <summary>Stands before the first part.</summary>
    public ContentWalk(in ContentLayers layers, long from, long to)
    {
        _layers = layers;
        _at = from;
        _to = to;
        _extents = layers.Extents.From(from);
        _hasExtent = _extents.MoveNext();
    }

    /// <summary>The part, once <see cref="MoveNext"/> has said that there is one; cut to the range.</summary>
    public Extent Current { get; private set; }

    /// <summary>Whether the part is an extent, and not backing or a gap.</summary>
    public bool IsExtent { get; private set; }

    /// <summary>Goes to the next part; false at the end of the range.</summary>
    public bool MoveNext()
    {
        if (_at >= _to)
            return false;
        IsExtent = _hasExtent && _extents.Current.Offset <= _at;
        if (IsExtent)
        {
            ref readonly var extent = ref _extents.Current;
            Current = extent.Part(_at, Math.Min(_to, extent.End));
            _hasExtent = _extents.MoveNext();
        }
        else
        {
            var end = _hasExtent ? Math.Min(_to, _extents.Current.Offset) : _to;
            var isBacking = _at < _layers.BackingLength;
            if (isBacking)
                end = Math.Min(end, _layers.BackingLength);
            var source = isBacking ? ExtentSource.Stored(_layers.Backing, _at) : ExtentSource.Zero;
            Current = new Extent(_at, end - _at, source, 0);
        }

        _at = Current.End;
        return true;
    }
}
