using System.Text;
using Vt.Output;

namespace Vt.Tests.Commands;

public sealed class OutputTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "0.98 KiB")]
    [InlineData(1536, "1.50 KiB")]
    [InlineData(10 << 20, "10.0 MiB")]
    [InlineData(123L << 30, "123 GiB")]
    [InlineData(long.MaxValue, "8.00 EiB")]
    public void Sizes_are_short(long bytes, string text)
    {
        Assert.Equal(text, HumanText.Size(bytes));
    }

    [Fact]
    public void Progress_says_how_far_and_how_long()
    {
        var now = new ProgressSnapshot(50 << 20, 1234, 100 << 20, 2000, 10 << 20, 40 << 20);

        Assert.Equal(
            "import 50.0 MiB/100 MiB, 1,234/2,000 files, 5.00 MiB/s, 0:10, 0:10 left, 10.0 MiB new, 40.0 MiB known",
            ProgressDisplay.LineOf("import", now, TimeSpan.FromSeconds(10), 0));
        Assert.StartsWith("[##########..........] import ", ProgressDisplay.LineOf("import", now, TimeSpan.FromSeconds(10), 200), StringComparison.Ordinal);
        Assert.Equal(39, ProgressDisplay.LineOf("import", now, TimeSpan.FromSeconds(10), 40).Length);
    }

    [Fact]
    public void Progress_without_totals_or_time_makes_no_promises()
    {
        Assert.Equal("fsck 0 B, 0 files, 0 B/s, 0:00", ProgressDisplay.LineOf("fsck", default, TimeSpan.Zero, 0));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\nb\u001b", @"a\x0ab\x1b")]
    [InlineData("\u009b", @"\x9b")]
    [InlineData("é😀", "é😀")]
    public void Messages_cannot_move_the_cursor(string text, string visible)
    {
        Assert.Equal(visible, TerminalText.Visible(text));
        Assert.Equal(@"\xe9", TerminalText.Visible("\udce9"));
    }

    [Fact]
    public void Names_show_strange_bytes_and_backslashes()
    {
        Assert.Equal(@"a\x5cb\x0a\xe9\xc2\x9bé", NameText.Of([(byte)'a', (byte)'\\', (byte)'b', 10, 0xe9, 0xc2, 0x9b, 0xc3, 0xa9]));
        Assert.Equal("naïve name.txt", NameText.Of("naïve name.txt"u8));
    }

    [Fact]
    public void Large_and_small_writes_come_out_in_order()
    {
        using var stream = new MemoryStream();
        using var output = new ResultWriter(stream);
        var expected = new StringBuilder();
        for (var i = 0; i < 200; i++)
        {
            var text = new string((char)('a' + (i % 26)), i * 97) + "é😀";
            output.Write(text);
            output.WriteBytes(Encoding.UTF8.GetBytes(text));
            expected.Append(text).Append(text);
        }

        output.WriteBytes(new byte[200_000].AsSpan());
        output.Flush();

        Assert.Equal(expected.Append('\0', 200_000).ToString(), Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void Text_is_wrapped_at_blanks()
    {
        Assert.Equal(["one two", "three", "four"], TextWrap.Lines("one two three four", 8));
        Assert.Equal(["unbreakable", "x"], TextWrap.Lines("unbreakable x", 4));
        Assert.Equal([""], TextWrap.Lines("", 4));
    }
}
