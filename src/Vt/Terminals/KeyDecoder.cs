using System.Buffers;
using System.Text;

namespace Vt.Terminals;

/// <summary>Turns the bytes that a terminal sends into keys: UTF-8, control characters, escape sequences of ECMA-48 as xterm sends them.</summary>
sealed class KeyDecoder
{
    const byte Escape = 0x1b;
    const int LongestSequence = 16;

    readonly List<byte> _text = [];
    readonly StringBuilder _sequence = new();
    State _state;

    enum State
    {
        Text,
        Escaped,
        Sequence,
        SingleShift,
    }

    /// <summary>Takes a byte.</summary>
    /// <returns>The keys that are known by now: none in the midst of one, several where it shows that the bytes before were no characters.</returns>
    public IReadOnlyList<Key> Feed(byte value)
    {
        switch (_state)
        {
            case State.Escaped:
                return FeedEscaped(value);
            case State.SingleShift:
                _state = State.Text;
                return [new Key(OfFinal((char)value, ""))];
            case State.Sequence:
                return FeedSequence(value);
            default:
                return FeedText(value);
        }
    }

    Key[] FeedEscaped(byte value)
    {
        _state = value switch { (byte)'[' => State.Sequence, (byte)'O' => State.SingleShift, Escape => State.Escaped, _ => State.Text };
        if (_state != State.Text)
            return [];
        return
        [
            new Key(value switch
            {
                (byte)'b' or (byte)'B' => KeyKind.WordLeft,
                (byte)'f' or (byte)'F' => KeyKind.WordRight,
                (byte)'d' or (byte)'D' => KeyKind.CutWordRight,
                0x7f or 0x08 => KeyKind.CutWordLeft,
                _ => KeyKind.None,
            }),
        ];
    }

    Key[] FeedSequence(byte value)
    {
        if (value is < 0x40 or > 0x7e)
        {
            _sequence.Append((char)value);
            if (_sequence.Length <= LongestSequence && value >= 0x20)
                return [];
        }

        var parameters = _sequence.ToString();
        _sequence.Clear();
        _state = State.Text;
        return [new Key(OfFinal((char)value, parameters))];
    }

    // With modifiers the parameters end in ";5" for control and ";3" for meta.
    static KeyKind OfFinal(char final, string parameters)
    {
        var isModified = parameters.EndsWith(";5", StringComparison.Ordinal) || parameters.EndsWith(";3", StringComparison.Ordinal);
        return final switch
        {
            'A' => KeyKind.Previous,
            'B' => KeyKind.Next,
            'C' => isModified ? KeyKind.WordRight : KeyKind.Right,
            'D' => isModified ? KeyKind.WordLeft : KeyKind.Left,
            'H' => KeyKind.Home,
            'F' => KeyKind.End,
            '~' => parameters.Split(';')[0] switch
            {
                "1" or "7" => KeyKind.Home,
                "4" or "8" => KeyKind.End,
                "3" => isModified ? KeyKind.CutWordRight : KeyKind.Delete,
                _ => KeyKind.None,
            },
            _ => KeyKind.None,
        };
    }

    List<Key> FeedText(byte value)
    {
        var keys = new List<Key>();
        if (value is < 0x80 or >= 0xc0 && _text.Count > 0)
            GiveUp(keys);
        if (value < 0x80)
        {
            if (value == Escape)
                _state = State.Escaped;
            else
                keys.Add(OfControl(value));
            return keys;
        }

        _text.Add(value);
        Span<byte> bytes = [.. _text];
        var status = Rune.DecodeFromUtf8(bytes, out var rune, out var used);
        if (status == OperationStatus.Done)
        {
            _text.Clear();
            keys.Add(new Key(KeyKind.Text, rune.Value));
        }
        else if (status == OperationStatus.InvalidData)
        {
            _text.Clear();
            foreach (var b in bytes[..used])
                keys.Add(new Key(KeyKind.Text, LineUnits.OfByte(b)));
            foreach (var b in bytes[used..])
                keys.AddRange(FeedText(b));
        }

        return keys;
    }

    void GiveUp(List<Key> keys)
    {
        foreach (var b in _text)
            keys.Add(new Key(KeyKind.Text, LineUnits.OfByte(b)));
        _text.Clear();
    }

    static Key OfControl(byte value) => value switch
    {
        1 => new Key(KeyKind.Home),
        2 => new Key(KeyKind.Left),
        3 => new Key(KeyKind.Interrupt),
        4 => new Key(KeyKind.DeleteOrEnd),
        5 => new Key(KeyKind.End),
        6 => new Key(KeyKind.Right),
        7 => new Key(KeyKind.Abort),
        8 or 0x7f => new Key(KeyKind.Backspace),
        9 => new Key(KeyKind.Complete),
        10 or 13 => new Key(KeyKind.Enter),
        11 => new Key(KeyKind.CutToEnd),
        12 => new Key(KeyKind.Clear),
        14 => new Key(KeyKind.Next),
        16 => new Key(KeyKind.Previous),
        18 => new Key(KeyKind.Search),
        20 => new Key(KeyKind.Swap),
        21 => new Key(KeyKind.CutToStart),
        23 => new Key(KeyKind.CutBlankWord),
        25 => new Key(KeyKind.Paste),
        >= 0x20 => new Key(KeyKind.Text, value),
        _ => new Key(KeyKind.None),
    };
}
