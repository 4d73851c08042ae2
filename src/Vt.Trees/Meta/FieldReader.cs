using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Trees.Meta;

/// <summary>
/// Reads a record of fields: each a key (tag × 4 + wire type, as one number) and a value, tags ascending and each at most
/// once, so that a record has one encoding only.
/// </summary>
public ref struct FieldReader
{
    readonly ReadOnlySpan<byte> _data;
    ByteReader _reader;
    WireType _wire;

    /// <summary>Reads from the start of some bytes, which are borrowed.</summary>
    public FieldReader(ReadOnlySpan<byte> data)
    {
        _data = data;
        _reader = new ByteReader(data);
    }

    /// <summary>The number of the field whose value comes next.</summary>
    public int Tag { get; private set; }

    /// <summary>Goes to the next field, whose value must then be read.</summary>
    /// <returns>False at the end.</returns>
    public bool Next()
    {
        if (_reader.AtEnd)
            return false;
        var at = _reader.Position;
        var key = _reader.ReadLength(int.MaxValue);
        var tag = key >> 2;
        if (tag <= Tag)
            throw new FormatInvalidException($"field {tag} does not come after field {Tag}", at);
        _wire = (WireType)(key & 3);
        if (_wire > WireType.Data)
            throw new FormatInvalidException($"field {tag} has wire type {(int)_wire}, which is not known", at);
        Tag = tag;
        return true;
    }

    /// <summary>The value of a field that is one number, which is not 0: a field with that value is left out.</summary>
    public ulong NonZero(ulong maximum)
    {
        var at = _reader.Position;
        Expect(WireType.Number);
        var value = _reader.ReadVarint();
        if (value == 0 || value > maximum)
            throw new FormatInvalidException($"field {Tag} is {value} and should be from 1 to {maximum}", at);
        return value;
    }

    /// <summary>The value of a field that is two numbers.</summary>
    public (ulong First, ulong Second) Pair()
    {
        Expect(WireType.Pair);
        var first = _reader.ReadVarint();
        return (first, _reader.ReadVarint());
    }

    /// <summary>The value of a field that is bytes, 1 to <paramref name="maximum"/> of them, in place.</summary>
    public ReadOnlySpan<byte> Data(int maximum)
    {
        var at = _reader.Position;
        Expect(WireType.Data);
        var data = _reader.ReadBytes(_reader.ReadLength(Math.Min(maximum, _reader.Remaining)));
        return data.IsEmpty ? throw new FormatInvalidException($"field {Tag} is there but empty", at) : data;
    }

    /// <summary>This field, whose tag must be above every known one, and all that follow, checked for their form only.</summary>
    /// <param name="largestKnown">The largest tag that is known.</param>
    public byte[] Rest(int largestKnown)
    {
        if (Tag <= largestKnown)
            throw new FormatInvalidException($"field {Tag} is not of a kind that was ever used", _reader.Position);
        var start = _reader.Position - ByteWriter.VarintLength(((ulong)Tag << 2) | (uint)_wire);
        do
            Skip();
        while (Next());
        return _data[start..].ToArray();
    }

    /// <summary>A fault in the value that was just read.</summary>
    public readonly FormatInvalidException Fault(string what) => new($"field {Tag}: {what}", _reader.Position);

    /// <summary>Steps over the value of a field.</summary>
    public void Skip()
    {
        switch (_wire)
        {
            case WireType.Number:
                _reader.ReadVarint();
                break;
            case WireType.Pair:
                _reader.ReadVarint();
                _reader.ReadVarint();
                break;
            default:
                _reader.ReadData();
                break;
        }
    }

    readonly void Expect(WireType wire)
    {
        if (_wire != wire)
            throw new FormatInvalidException($"field {Tag} has wire type {(int)_wire} and should have {(int)wire}", _reader.Position);
    }
}
