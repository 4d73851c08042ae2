using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Ftp;
using Vt.Tests.Trees;
using Vt.Trees.Import;

namespace Vt.Tests.Ftp;

public sealed class FtpLexerTests
{
    [Theory]
    [InlineData("ls -l docs", "ls|-l|docs")]
    [InlineData("  get\t'a b' \"c d\" e\\ f  ", "get|a b|c d|e f")]
    [InlineData("cat \"a'b\" 'c\"d' \"\\\"\\\\\"", "cat|a'b|c\"d|\"\\")]
    [InlineData("put a''b \"\"", "put|ab|")]
    [InlineData("rm $'tab\\tnew\\n\\'\\x41\\101' x$y", "rm|tab\tnew\n'AA|x$y")]
    [InlineData("rm o\\x41d \"\\x42\" '\\x43'", "rm|oAd|B|\\x43")]
    [InlineData("ls # all of it; rm x", "ls")]
    [InlineData("ls a#b", "ls|a#b")]
    [InlineData("bind x D{name:\"a\\x20b;\\\"\",ref:B{1}}/p", "bind|x|D{name:\"a\\x20b;\\\"\",ref:B{1}}/p")]
    [InlineData("put Käse 日本", "put|Käse|日本")]
    public void A_line_falls_into_words_as_in_a_shell(string line, string expected) =>
        Assert.Equal(expected, string.Join('|', Assert.Single(FtpLexer.Parse(line)).Words.Select(static word => Encoding.UTF8.GetString(word.Bytes))));

    [Fact]
    public void Semicolons_and_line_feeds_stand_between_commands()
    {
        var statements = FtpLexer.Parse("ls; -rm x ;; cd 'a;b'\npwd # why\n!echo a; echo b\n-!false\nquit D{a:\"}\"};bye");

        Assert.Equal(["ls", "rm x", "cd a;b", "pwd", "!echo a; echo b", "!false", "quit D{a:\"}\"}", "bye"], statements.Select(static statement =>
            statement.Shell is { } shell ? "!" + shell : string.Join(' ', statement.Words.Select(static word => Encoding.UTF8.GetString(word.Bytes)))));
        Assert.Equal([1, 5], statements.Select(static (statement, at) => statement.IsTolerant ? at : -1).Where(static at => at >= 0));
    }

    [Theory]
    [InlineData("get 'a")]
    [InlineData("get \"a\\\"")]
    [InlineData("get $'a\\'")]
    [InlineData("get a\\")]
    public void A_quotation_has_to_end(string line) => Assert.Throws<UserErrorException>(() => FtpLexer.Parse(line));

    [Theory]
    [InlineData("*.c", true, "a.c")]
    [InlineData("'*'.c", false, "*.c")]
    [InlineData("\\*.c", false, "*.c")]
    [InlineData("'['*\\]", true, "[a]")]
    [InlineData("a\\x2a", false, "a*")]
    [InlineData("[ab]'?'", true, "b?")]
    public void What_is_quoted_stands_for_itself(string typed, bool hasWildcards, string matching)
    {
        var word = FtpLexer.Parse("ls " + typed)[0].Words[1];

        Assert.Equal(hasWildcards, word.HasWildcards);
        Assert.True(GlobPattern.Compile(word.Pattern).Matches(Encoding.UTF8.GetBytes(matching)));
        Assert.False(GlobPattern.Compile(word.Pattern).Matches(Encoding.UTF8.GetBytes(matching + "x")));
    }

    [Fact]
    public void A_name_as_it_is_completed_is_read_as_that_name() => Samples.ForAll(Samples.Name, static name =>
    {
        var word = Assert.Single(FtpLexer.Parse("x " + FtpQuoting.Word(name))).Words[1];
        Assert.Equal(name, word.Bytes);
        Assert.False(word.HasWildcards);
        Assert.True(GlobPattern.Compile(word.Pattern).Matches(name));
    });

    [Fact]
    public void A_name_as_it_is_shown_is_read_as_that_name_between_double_quotes() => Samples.ForAll(
        static random => Samples.Name(random).Where(static b => b is not ((byte)'"' or (byte)'$' or (byte)'`')).Append((byte)'x').ToArray(),
        static name => Assert.Equal(name, FtpLexer.Parse($"x \"{Vt.Output.NameText.Of(name)}\"")[0].Words[1].Bytes));

    [Fact]
    public void Any_text_is_taken_apart_or_refused() => Samples.ForAll(
        static random => LosslessText.FromBytes([.. Enumerable.Range(0, random.Next(40)).Select(_ => (byte)"ab '\"\\$x{};#*[]D!-\n\xe9"[random.Next(19)])]),
        static text =>
        {
            try
            {
                FtpLexer.Parse(text);
            }
            catch (UserErrorException)
            {
            }
        },
        tests: 2000);
}
