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
}
