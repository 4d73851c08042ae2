using FsCheck;
using FsCheck.Fluent;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Tests.Encodings;

public class TextBytesTests
{
    [Fact]
    public void Any_bytes_come_back_from_their_text_which_has_no_white_space() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var text = TextBytes.Quote(bytes);
            Assert.All(text, c => Assert.InRange(c, '!', '~'));
            Assert.True(TextBytes.TryUnquote(text + "\"tail", out var back, out var consumed));
            Assert.Equal(bytes, back);
            Assert.Equal(text.Length, consumed);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("a b", "\"a\\x20b\"")]
    [InlineData("\\\"\n\u00ff", "\"\\\\\\\"\\x0a\\xff\"")]
    public void The_text_is_as_documented(string latin1, string text) =>
        Assert.Equal(text, TextBytes.Quote(System.Text.Encoding.Latin1.GetBytes(latin1)));

    [Theory]
    [InlineData("", 0)]
    [InlineData("x", 0)]
    [InlineData("\"abc", 4)]
    [InlineData("\"ab\\", 3)]
    [InlineData("\"ab\\x2", 3)]
    [InlineData("\"ab\\n\"", 3)]
    [InlineData("\"a b\"", 2)]
    [InlineData("\"\u00e4\"", 1)]
    public void A_fault_is_reported_where_it_is(string text, int at)
    {
        Assert.False(TextBytes.TryUnquote(text, out _, out var consumed));
        Assert.Equal(at, consumed);
        Assert.Equal(at, Assert.Throws<FormatInvalidException>(() => TextBytes.Unquote(text, out _)).Offset);
    }

    [Theory]
    [InlineData("007", 0)]
    [InlineData("99999999999999999999", 0)]
    [InlineData("-1", 0)]
    public void A_number_has_one_form(string text, int at) =>
        Assert.Equal(at, Assert.Throws<FormatInvalidException>(() => new CharReader(text).ReadNumber()).Offset);
}
