using System.Text.RegularExpressions;
using Vt.Tests.Architecture;

namespace Vt.Tests.Commands;

public sealed class ManualTests
{
    [Fact]
    public async Task The_manual_page_is_what_the_help_makes_of_it()
    {
        using var run = new ProgramRun();

        var page = await run.RunOkAsync("help", "--man");

        Assert.True(
            page == await File.ReadAllTextAsync(Path.Combine(Checkout.Top, "man", "vt.1")), "man/vt.1 is not up to date: make man");
    }

    [Fact]
    public void Every_page_that_a_page_refers_to_is_there_and_gets_installed()
    {
        var pages = Directory.GetFiles(Path.Combine(Checkout.Top, "man")).ToDictionary(static page => Path.GetFileName(page), File.ReadAllText);
        var install = File.ReadAllText(Path.Combine(Checkout.Top, "Makefile"));

        foreach (var (page, text) in pages)
        {
            foreach (Match other in Regex.Matches(text.Replace("\\-", "-", StringComparison.Ordinal), @"(?<=\\fB|\s)(vt[a-z-]*)(?:\\fR| )?\(([1-8])\)"))
                Assert.True(pages.ContainsKey($"{other.Groups[1]}.{other.Groups[2]}"), $"{page} refers to {other.Value}");
            Assert.Contains($" man/*{Path.GetExtension(page)} ", install, StringComparison.Ordinal);
        }

        Assert.Contains("vt-datadir.5", pages.Keys);
        Assert.Contains("vt-tree.5", pages.Keys);
    }

    [Fact]
    public void Every_page_has_its_head_and_opens_and_closes_its_blocks()
    {
        foreach (var page in Directory.GetFiles(Path.Combine(Checkout.Top, "man")))
        {
            var lines = File.ReadAllLines(page);
            var name = Path.GetFileNameWithoutExtension(page).ToUpperInvariant();
            Assert.Contains(lines, line => line.StartsWith($".TH {name} {Path.GetExtension(page)[1..]} ", StringComparison.Ordinal));
            Assert.Equal("'\\\" t" == lines[0], lines.Contains(".TS"));
            Assert.Contains(".SH SEE ALSO", lines);
            foreach (var (open, close) in (ReadOnlySpan<(string, string)>)[(".nf", ".fi"), (".TS", ".TE"), ("T{", "T}")])
                Assert.Equal(lines.Count(line => line.EndsWith(open, StringComparison.Ordinal)), lines.Count(line => line.StartsWith(close, StringComparison.Ordinal)));
        }
    }
}
