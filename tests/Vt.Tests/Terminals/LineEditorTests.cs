using System.Text;
using Vt.Blocks.Encoding;
using Vt.Terminals;
using Vt.Tests.Support;
using Vt.Tests.Trees;

namespace Vt.Tests.Terminals;

public sealed class LineEditorTests
{
    [Theory]
    [InlineData("hello", "hello|")]
    [InlineData("hello\u0001X", "X|hello")]
    [InlineData("hello\u0001\u0005X", "helloX|")]
    [InlineData("hello\u0002\u0002X", "helX|lo")]
    [InlineData("hello\u0002\u0002\u0006X", "hellX|o")]
    [InlineData("hello\u001b[D\u001b[DX\u001b[C\u001b[CY", "helXloY|")]
    [InlineData("hello\u001bOH<\u001bOF>", "<hello>|")]
    [InlineData("hello\u001b[1~<\u001b[4~>", "<hello>|")]
    [InlineData("hello\u007f\u0008", "hel|")]
    [InlineData("hello\u0001\u0004\u001b[3~", "|llo")]
    [InlineData("one two\u0002\u0002\u000b", "one t|")]
    [InlineData("one two\u0002\u0002\u0015", "|wo")]
    [InlineData("cp a/b c/d\u0017", "cp a/b |")]
    [InlineData("cp a/b c/d\u001b\u007f", "cp a/b c/|")]
    [InlineData("cp a/b c/d\u0001\u001bd\u001bd", "|/b c/d")]
    [InlineData("cp a/b\u001bb\u001bbX", "cp X|a/b")]
    [InlineData("cp a/b\u0001\u001bf\u001bfX", "cp aX|/b")]
    [InlineData("cp a/b\u001b[1;5DX\u001b[1;5CY", "cp a/XbY|")]
    [InlineData("one two\u0017\u0017three \u0019", "three one two|")]
    [InlineData("abc\u0001\u000b\u0019\u0019", "abcabc|")]
    [InlineData("ab\u0014", "ba|")]
    [InlineData("käse\u0002\u0002\u007f", "k|se")]
    [InlineData("\u65e5\u672c\u0002\u007f", "|\u672c")]
    [InlineData("a\u001b[99zb\u001b\u001b[Dc", "ac|b")]
    public void Keys_do_what_they_do_in_a_shell(string typed, string expected)
    {
        var editor = Typed(new LineHistory(null), Encoding.UTF8.GetBytes(typed));

        var units = editor.Buffer.Units;
        Assert.Equal(expected, LineUnits.TextOf(units.Take(editor.Buffer.Cursor)) + "|" + LineUnits.TextOf(units.Skip(editor.Buffer.Cursor)));
    }

    [Fact]
    public void Any_bytes_but_control_characters_are_typed_as_they_are() => Samples.ForAll(
        static random => Samples.Bytes(random, 0, 60).Where(static b => b >= 0x20 && b != 0x7f).ToArray(),
        static bytes =>
        {
            // What may be the beginning of a character waits for the rest: a letter ends it.
            var editor = Typed(new LineHistory(null), [.. bytes, (byte)'.']);
            Assert.Equal([.. bytes, (byte)'.'], LosslessText.ToBytes(editor.Buffer.Text));
        });

    [Theory]
    [InlineData("\r", "Entered")]
    [InlineData("\n", "Entered")]
    [InlineData("x\u0003", "GivenUp")]
    [InlineData("\u0004", "Ended")]
    [InlineData("x\u0004", "Typing")]
    [InlineData("x\t", "Completing")]
    [InlineData("\u000c", "Clearing")]
    public void Some_keys_end_a_line_or_ask_for_something(string typed, string outcome)
    {
        var editor = new LineEditor(new LineHistory(null));
        editor.Begin();
        var last = LineOutcome.Typing;
        foreach (var key in Keys(Encoding.UTF8.GetBytes(typed)))
            last = editor.Handle(key);

        Assert.Equal(outcome, last.ToString());
    }

    [Theory]
    [InlineData("\u0010", "third one")]
    [InlineData("\u001b[A\u001b[A", "second")]
    [InlineData("new\u0010\u0010\u000e\u000e", "new")]
    [InlineData("\u0010\u0010\u0010\u0010\u0010", "first one")]
    [InlineData("\u0012one", "third one")]
    [InlineData("\u0012one\u0012", "first one")]
    [InlineData("\u0012onex\u007f", "third one")]
    [InlineData("typed\u0012sec\u0007", "typed")]
    [InlineData("\u0012sec\u0005!", "second!")]
    [InlineData("\u0012nowhere", "third one")]
    [InlineData("\u0012xyz", "")]
    public void Earlier_lines_come_back(string typed, string expected)
    {
        var history = new LineHistory(null);
        foreach (var line in (string[])["first one", "second", "third one"])
            history.Add(line);

        Assert.Equal(expected, Typed(history, Encoding.UTF8.GetBytes(typed)).Buffer.Text);
    }

    [Fact]
    public void A_search_says_what_it_looks_for()
    {
        var history = new LineHistory(null);
        history.Add("get -r docs");

        Assert.Equal("(earlier line with 'doc') ", Typed(history, "\u0012doc"u8.ToArray()).SearchPrompt);
    }

    [Fact]
    public void The_screen_shows_the_line_whatever_was_typed() => Samples.ForAll(
        static random => random,
        static random =>
        {
            var columns = random.Next(8, 40);
            var screen = new TerminalScreen(columns);
            var painter = new LinePainter();
            var buffer = new LineBuffer();
            var prompt = new string('p', random.Next(0, 12)) + "> ";
            for (var step = 0; step < 40; step++)
            {
                buffer.Apply(random.Next(9) switch
                {
                    0 => new Key(KeyKind.Left),
                    1 => new Key(KeyKind.Home),
                    2 => new Key(KeyKind.End),
                    3 => new Key(KeyKind.Backspace),
                    4 => new Key(KeyKind.Text, 0x65e5),
                    5 => new Key(KeyKind.Text, LineUnits.OfByte(0xe9)),
                    6 => new Key(KeyKind.WordLeft),
                    _ => new Key(KeyKind.Text, random.Next('a', 'z')),
                });
                screen.Write(painter.Paint(prompt, buffer.Units, buffer.Cursor, columns));
            }

            var shown = prompt + string.Concat(buffer.Units.Select(LineUnits.Shown));
            Assert.Equal(shown.Replace(" ", "", StringComparison.Ordinal), string.Concat(screen.Rows).Replace(" ", "", StringComparison.Ordinal));
            Assert.EndsWith(LastOf(prompt + string.Concat(buffer.Units.Take(buffer.Cursor).Select(LineUnits.Shown)), screen.BeforeCursor), screen.BeforeCursor, StringComparison.Ordinal);
            screen.Write(painter.Leave(columns) + "below");
            Assert.Equal("below", screen.Rows[^1]);
        });

    [Fact]
    public void A_line_that_fills_the_last_column_is_followed_by_an_empty_row()
    {
        var screen = new TerminalScreen(10);
        var painter = new LinePainter();
        var units = LineUnits.Of("12345678");

        screen.Write(painter.Paint("> ", units, units.Count, 10));

        Assert.Equal((1, 0), screen.Cursor);
        Assert.Equal(["> 12345678", ""], screen.Rows);
    }

    [Fact]
    public void After_another_width_the_line_stands_once()
    {
        var painter = new LinePainter();
        var units = LineUnits.Of("123456789012");
        _ = painter.Paint("> ", units, units.Count, 10);

        // A terminal that has become twice as wide shows what stood in two rows in one.
        painter.Resize(20);
        var screen = new TerminalScreen(20);
        screen.Write("> 123456789012");
        screen.Write(painter.Paint("> ", units, 3, 20));

        Assert.Equal(["> 123456789012"], screen.Rows);
        Assert.Equal((0, 5), screen.Cursor);
    }

    static string LastOf(string text, string shown) => text[^Math.Min(text.Length, shown.TrimEnd().Length)..];

    static LineEditor Typed(LineHistory history, byte[] bytes)
    {
        var editor = new LineEditor(history);
        editor.Begin();
        foreach (var key in Keys(bytes))
            editor.Handle(key);
        return editor;
    }

    static IEnumerable<Key> Keys(byte[] bytes)
    {
        var decoder = new KeyDecoder();
        foreach (var b in bytes)
        {
            foreach (var key in decoder.Feed(b))
                yield return key;
        }
    }
}
