using System.Text;
using System.Text.Json;
using Vt.Settings;
using Vt.Stores.Config;

namespace Vt.Tests.Commands;

public sealed class ConfigCommandTests
{
    [Fact]
    public async Task The_settings_are_shown_with_their_origins()
    {
        using var run = new ProgramRun();
        await File.WriteAllTextAsync(Path.Combine(run.Home, ".vtrc"), "[GLOBAL]\nbasedir = /b\n");
        run["VT_HASHNAME"] = "sha256";

        var text = await run.RunOkAsync("-S", "/o", "config");

        Assert.Matches($"basedir = /b +# {run.Home}/[.]vtrc:2\n", text);
        Assert.Matches("store = /o +# option -S\n", text);
        Assert.Matches("hashname = sha256 +# environment VT_HASHNAME\n", text);
        Assert.Matches("path = trove +# built in\n", text);
    }

    [Fact]
    public async Task What_config_prints_is_a_configuration_with_the_same_meaning()
    {
        using var run = new ProgramRun();
        var text = await run.RunOkAsync("-S", "datadir(path=\"/a # b\")", "config");

        await File.WriteAllTextAsync(Path.Combine(run.Here, "printed"), text);
        var again = await run.RunOkAsync("-c", "./printed", "config");

        static List<string> Values(string printed) =>
            VtrcParser.Parse(Encoding.UTF8.GetBytes(printed), "f").SelectMany(c => c.Settings).Select(s => $"{s.Key}={s.Value}").ToList();
        Assert.Equal(Values(text), Values(again));
    }

    [Fact]
    public async Task Json_says_the_same()
    {
        using var run = new ProgramRun();

        using var json = JsonDocument.Parse(await run.RunOkAsync("config", "--json"));

        var settings = json.RootElement.GetProperty("settings").EnumerateArray().ToList();
        Assert.Contains(settings, s => s.GetProperty("key").GetString() == "store" && s.GetProperty("origin").GetString() == "built in");
        Assert.False(json.RootElement.GetProperty("file_exists").GetBoolean());
    }

    [Fact]
    public async Task A_faulty_line_is_an_error_that_names_it()
    {
        using var run = new ProgramRun();
        await File.WriteAllTextAsync(Path.Combine(run.Home, ".vtrc"), "[GLOBAL]\nbase = /b\n");

        Assert.Equal(ExitCode.Error, await run.RunAsync("config"));
        Assert.StartsWith($"vt: {run.Home}/.vtrc:2: 'base' is no setting", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_that_init_makes_changes_nothing()
    {
        using var run = new ProgramRun();
        await run.RunOkAsync("init");

        var configuration = Configuration.Load(new ConfigInputs { Environment = n => n == "HOME" ? run.Home : null, CurrentDirectory = run.Here });

        Assert.True(configuration.FileExists);
        Assert.Equal(new DataDirSettings(Path.Combine(run.Home, ".local/share/vt/trove")), configuration.Resolve(configuration.Store));
        Assert.Contains("found", await run.RunOkAsync("init"), StringComparison.Ordinal);
    }
}
