namespace Vt.Fuse.Session;

/// <summary>Takes NUL-terminated names from a request's payload.</summary>
unsafe ref struct NameReader
{
    ReadOnlySpan<byte> _rest;

    public NameReader(FuseSlot slot) => _rest = new ReadOnlySpan<byte>(slot.Payload, slot.PayloadLength);

    /// <summary>What follows the names taken so far.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Takes a name; false if none ends here or it is empty.</summary>
    public bool TryTake(out ReadOnlySpan<byte> name)
    {
        var end = _rest.IndexOf((byte)0);
        name = end > 0 ? _rest[..end] : default;
        if (end <= 0)
            return false;
        _rest = _rest[(end + 1)..];
        return true;
    }
}
