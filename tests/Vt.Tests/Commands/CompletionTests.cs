using System.Diagnostics;

namespace Vt.Tests.Commands;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("vt ", "ls", "config", "import")]
    [InlineData("vt l", "ls", "log")]
    [InlineData("vt ls -", "--recursive", "-l", "--json", "--store")]
    [InlineData("vt -S /x ls --js", "--json")]
    [InlineData("vt -h ", "blake3", "sha256", "sha3-256")]
    [InlineData("vt completion ", "bash", "zsh", "fish")]
    [InlineData("vt datadir ", "info", "verify", "reindex")]
    [InlineData("vt datadir verify --j", "--json")]
    [InlineData("vt ftp --", "--command", "--file", "--store")]
    [InlineData("vtftp --", "--command", "--file", "--store")]
    public async Task Bash_offers_what_can_follow(string line, params string[] expected)
    {
        using var run = new ProgramRun();
        var script = await run.RunOkAsync("completion", "bash");
        var words = line.Split(' ');
        var test = script + $"\nCOMP_WORDS=({string.Join(' ', words.Select(w => $"'{w}'"))})\nCOMP_CWORD={words.Length - 1}\n_vt\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n";

        var offered = Run("bash", test).Split('\n');

        Assert.Subset(offered.ToHashSet(), expected.ToHashSet());
    }

    [Theory]
    [InlineData("bash", "complete -F _vt vt vtftp")]
    [InlineData("zsh", "#compdef vt")]
    [InlineData("fish", "complete -c vt ")]
    [InlineData("fish", "complete -c vtftp -s c -l command")]
    [InlineData("zsh", "compdef _vt_ftp vtftp")]
    public async Task Each_shell_has_a_script(string shell, string part)
    {
        using var run = new ProgramRun();

        Assert.Contains(part, await run.RunOkAsync("completion", shell), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_shell_is_a_usage_error()
    {
        using var run = new ProgramRun();

        Assert.Equal(Vt.Settings.ExitCode.Usage, await run.RunAsync("completion", "csh"));
        Assert.Contains("csh", run.Error, StringComparison.Ordinal);
    }

    static string Run(string shell, string script)
    {
        using var process = Process.Start(new ProcessStartInfo(shell, ["--norc", "--noprofile", "-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
