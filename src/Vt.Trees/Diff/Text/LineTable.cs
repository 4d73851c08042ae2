namespace Vt.Trees.Diff.Text;

/// <summary>A text's lines, each with a number that equal lines of both texts share. A line ends behind its newline; the last may have none.</summary>
public sealed class LineTable
{
    readonly ReadOnlyMemory<byte> _text;
    readonly int[] _starts;

    LineTable(ReadOnlyMemory<byte> text, int[] starts, int[] numbers)
    {
        _text = text;
        _starts = starts;
        Numbers = numbers;
    }

    /// <summary>How many lines there are.</summary>
    public int Count => Numbers.Length;

    /// <summary>For each line the number of its text.</summary>
    public int[] Numbers { get; }

    /// <summary>The bytes of a line, with its newline if it has one.</summary>
    public ReadOnlySpan<byte> this[int line] => _text.Span[_starts[line].._starts[line + 1]];

    /// <summary>Splits two texts.</summary>
    public static (LineTable Before, LineTable After) Of(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        var numbers = new Dictionary<Line, int>();
        return (Split(before, numbers), Split(after, numbers));
    }

    static LineTable Split(ReadOnlyMemory<byte> text, Dictionary<Line, int> known)
    {
        var starts = new List<int> { 0 };
        var numbers = new List<int>();
        for (var at = 0; at < text.Length;)
        {
            var length = text.Span[at..].IndexOf((byte)'\n') + 1;
            length = length == 0 ? text.Length - at : length;
            var line = new Line(text.Slice(at, length));
            if (!known.TryGetValue(line, out var number))
                known.Add(line, number = known.Count);
            numbers.Add(number);
            at += length;
            starts.Add(at);
        }

        return new LineTable(text, [.. starts], [.. numbers]);
    }

    readonly struct Line(ReadOnlyMemory<byte> bytes) : IEquatable<Line>
    {
        readonly ReadOnlyMemory<byte> _bytes = bytes;

        public bool Equals(Line other) => _bytes.Span.SequenceEqual(other._bytes.Span);

        public override bool Equals(object? obj) => obj is Line other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.AddBytes(_bytes.Span);
            return hash.ToHashCode();
        }
    }
}
