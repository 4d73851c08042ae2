using System.Security.Cryptography;

namespace Vt.CrashTest;

/// <summary>A file as it should be; several names may lead to it.</summary>
sealed class ModelFile
{
    byte[] _content = [];
    byte[]? _hash;

    public int Size { get; private set; }

    public int Links { get; set; }

    public uint Mode { get; set; } = 0x1a4;

    /// <summary>The value of the attribute user.n; null where there is none.</summary>
    public byte[]? Attribute { get; set; }

    public byte[] Hash => _hash ??= SHA256.HashData(_content.AsSpan(0, Size));

    public void Write(int offset, ReadOnlySpan<byte> bytes)
    {
        Resize(Math.Max(Size, offset + bytes.Length));
        bytes.CopyTo(_content.AsSpan(offset));
    }

    public void Resize(int size)
    {
        if (size > _content.Length)
            Array.Resize(ref _content, Math.Max(size, 2 * _content.Length));
        if (size < Size)
            _content.AsSpan(size, Size - size).Clear();
        Size = size;
        _hash = null;
    }

    public ModelFile Copy() => new() { _content = [.. _content], Size = Size, Links = Links, Mode = Mode, Attribute = Attribute, _hash = _hash };

    public string? Compare(FoundFile found)
    {
        if (found.Size != Size)
            return $"has {found.Size} bytes, not {Size}";
        if (found.Links != Links)
            return $"has {found.Links} names, not {Links}";
        if (found.Mode != Mode)
            return $"has the mode {found.Mode:x}, not {Mode:x}";
        if (!(found.Attribute ?? []).AsSpan().SequenceEqual(Attribute) || found.Attribute is null != Attribute is null)
            return "has another attribute";
        return found.Hash.AsSpan().SequenceEqual(Hash) ? null : $"has {Size} bytes, but {Difference(found.Beginning)}";
    }

    string Difference(byte[] beginning)
    {
        var known = Math.Min(Size, beginning.Length);
        var from = beginning.AsSpan(0, known).CommonPrefixLength(_content);
        if (from == known)
            return $"others behind {known}";
        var to = known;
        while (beginning[to - 1] == _content[to - 1])
            to--;
        var wrong = beginning.AsSpan(from, to - from);
        var due = _content.AsSpan(from, to - from);
        return $"others from {from} to {to}: {(wrong.ContainsAnyExcept((byte)0) ? "bytes" : "zeros")}, not {(due.ContainsAnyExcept((byte)0) ? "bytes" : "zeros")}";
    }
}
