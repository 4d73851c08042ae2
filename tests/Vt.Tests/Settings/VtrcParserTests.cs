using System.Text;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;

namespace Vt.Tests.Settings;

public sealed class VtrcParserTests
{
    static IReadOnlyList<ConfigClause> Parse(string text) => VtrcParser.Parse(Encoding.UTF8.GetBytes(text), "/x/vtrc");

    static string Fault(string text) => Assert.Throws<UserErrorException>(() => Parse(text)).Message;

    [Fact]
    public void Clauses_keys_and_lines_are_kept()
    {
        var clauses = Parse("# first\n[GLOBAL]\nbasedir = ~/x\n\n[my store]\ntype: datadir\n");

        Assert.Equal(["GLOBAL", "my store"], clauses.Select(c => c.Name));
        Assert.Equal(new ConfigSetting("basedir", "~/x", new ConfigOrigin(ConfigSource.File, "/x/vtrc", 3)), clauses[0].Settings.Single());
        Assert.Equal("/x/vtrc:6", clauses[1].Find("type")!.Origin.ToString());
    }

    [Theory]
    [InlineData("a = b # c", "b")]
    [InlineData("a = b#c", "b#c")]
    [InlineData("a = b ; c", "b")]
    [InlineData("a = # c", "")]
    [InlineData("a = \"b # c\"", "b # c")]
    [InlineData("a = \" b \" ; c", " b ")]
    [InlineData("a = \"q\\\"\\\\\"", "q\"\\")]
    [InlineData("a =   b c  ", "b c")]
    [InlineData("a = b = c", "b = c")]
    [InlineData("a = b\r", "b")]
    public void A_value_is_what_stands_before_the_comment(string line, string value)
    {
        Assert.Equal(value, Parse($"[c]\n{line}\n")[0].Find("a")!.Value);
    }

    [Theory]
    [InlineData("a = b", "/x/vtrc:1: ")]
    [InlineData("[c]\nnonsense", "/x/vtrc:2: 'nonsense' is neither")]
    [InlineData("[c]\n\n[c]", "/x/vtrc:3: clause [c] is there already, at line 1")]
    [InlineData("[c]\na = 1\na = 2", "/x/vtrc:3: 'a' is set already, at line 2")]
    [InlineData("[c", "/x/vtrc:1: the clause's name has no closing ]")]
    [InlineData("[c] d", "/x/vtrc:1: 'd' follows")]
    [InlineData("[ ]", "/x/vtrc:1: the clause has no name")]
    [InlineData("[c]\n= b", "/x/vtrc:2: the setting has no name")]
    [InlineData("[c]\na = b\n  c", "/x/vtrc:3: a line that starts with a blank")]
    [InlineData("[c]\na = \"b", "/x/vtrc:2: the value has no closing quote")]
    [InlineData("[c]\na = \"b\" c", "/x/vtrc:2: 'c' follows the closing quote")]
    [InlineData("[c]\na = \"b\\n\"", "/x/vtrc:2: in quotes")]
    [InlineData("[c]\na = \0", "/x/vtrc:2: the line holds the control character 0x00")]
    public void A_line_that_is_not_understood_is_named(string text, string message)
    {
        Assert.StartsWith(message, Fault(text), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_not_UTF8_is_named()
    {
        var fault = Assert.Throws<UserErrorException>(() => VtrcParser.Parse("[c]\na = \xff"u8.ToArray()[..^2].Append((byte)0xff).ToArray(), "f"));

        Assert.Equal("f:2: the line is not UTF-8 text", fault.Message);
    }

    [Fact]
    public void Whatever_bytes_come_they_are_read_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var good = Encoding.UTF8.GetBytes("[GLOBAL]\nbasedir = ~/x # c\n[a b]\ntype = \"memory\"\nmax_data: 8 GiB\n");
        for (var i = 0; i < 5000; i++)
        {
            var bytes = good.ToArray().AsSpan(0, random.Next(good.Length + 1)).ToArray();
            for (var flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var failure = Record.Exception(() => { _ = VtrcParser.Parse(bytes, "f"); });
            Assert.True(failure is null or UserErrorException, $"seed {seed}: {failure}");
        }
    }

    [Fact]
    public void A_quoted_value_reads_back_as_itself()
    {
        var property = FsCheck.Fluent.Prop.ForAll<FsCheck.NonNull<string>>(text =>
        {
            var value = new string(text.Get.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)).ToArray());
            return Parse($"[c]\na = {VtrcParser.Quote(value)}")[0].Find("a")!.Value == value;
        });

        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure, property);
    }
}
