using Vt.Settings;
using Vt.Tests.Commands;

namespace Vt.Tests.Dvol;

/// <summary>Runs dvol as it was called in its own tests: in a folder of its own, without Docker.</summary>
sealed class DvolRun : IDisposable
{
    readonly ProgramRun _run = new() { ProgramName = "dvol" };

    public DvolRun(bool ownFolder = true)
    {
        Before = ownFolder ? ["-p", Path.Combine(_run.Here, "volumes"), "--disable-docker-integration"] : ["--disable-docker-integration"];
        _run["VT_AUTHOR"] = "Ann <ann@example.org>";
    }

    /// <summary>What stands before the command.</summary>
    public string[] Before { get; set; }

    public string Folder => Path.Combine(_run.Here, "volumes");

    public ProgramRun Program => _run;

    public string Error => _run.Error;

    public void Dispose() => _run.Dispose();

    /// <summary>Runs a command that has to end well; what it printed.</summary>
    public async Task<string> SucceedAsync(params string[] arguments)
    {
        _run.ProgramName = "dvol";
        return await _run.RunOkAsync([.. Before, .. arguments]);
    }

    /// <summary>Runs a command that has to fail with one line on standard error; that line.</summary>
    public async Task<string> FailAsync(params string[] arguments)
    {
        _run.ProgramName = "dvol";
        Assert.Equal(ExitCode.Error, await _run.RunAsync([.. Before, .. arguments]));
        Assert.Empty(_run.OutputText);
        Assert.EndsWith("\n", _run.Error, StringComparison.Ordinal);
        return Assert.Single(_run.Error.TrimEnd('\n').Split('\n'));
    }

    /// <summary>Runs vt on the same volumes.</summary>
    public async Task<string> VtAsync(params string[] arguments)
    {
        _run.ProgramName = "vt";
        return await _run.RunOkAsync([.. Before[0] == "-p" ? (string[])["-c", Path.Combine(Folder, "vtrc")] : [], .. arguments]);
    }

    /// <summary>Puts a file into a branch's tree, as a container would.</summary>
    public async Task WriteAsync(string volume, string name, byte[] content, string branch = "master")
    {
        var source = Directory.CreateDirectory(Path.Combine(_run.Here, "change")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(source, name), content);
        var top = Before[0] == "-p" ? Folder : Path.Combine(_run.Home, ".local/share/vt");
        var id = System.Text.Json.JsonDocument.Parse((await VtAsync("volume", "list", "--json")).Trim().Split('\n').Single(line => line.Contains($"\"volume\":\"{volume}\"", StringComparison.Ordinal)))
            .RootElement.GetProperty("id").GetString()!;
        await VtAsync("-q", "import", "--reread", source, Path.Combine(top, "volumes", id, branch.Replace('/', '+') + ".vt"));
    }

    /// <summary>A file of what is checked out of a volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="name">The file.</param>
    /// <param name="branch">The branch that has to be the one that is checked out.</param>
    public async Task<string> ReadAsync(string volume, string name, string branch = "master")
    {
        Assert.Contains($"* {branch}\n", await VtAsync("branch", "-V", volume), StringComparison.Ordinal);

        // A status makes the tree of a branch that was reset or made just now, as its mount would.
        await VtAsync("status", "-V", volume, "-b", branch);
        return await VtAsync("cat", $"{volume}/{name}");
    }
}
