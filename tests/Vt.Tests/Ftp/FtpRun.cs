using System.Text;
using Vt.Settings;
using Vt.Tests.Commands;

namespace Vt.Tests.Ftp;

/// <summary>Runs sessions in this process, on a store and an archive of a test's own.</summary>
sealed class FtpRun : IDisposable
{
    public FtpRun()
    {
        Program["VT_AUTHOR"] = "Ann <ann@example.org>";
    }

    public ProgramRun Program { get; } = new();

    public string Here => Program.Here;

    public string Error => Program.Error;

    public void Dispose() => Program.Dispose();

    public async Task InitAsync() => await VtAsync("init");

    /// <summary>Runs a command of vt.</summary>
    public async Task<string> VtAsync(params string[] arguments)
    {
        Program.ProgramName = "vt";
        return await Program.RunOkAsync(arguments);
    }

    /// <summary>Runs a session and gives its exit status.</summary>
    public async Task<int> RunAsync(string target, string commands)
    {
        Program.ProgramName = "vtftp";
        return await Program.RunAsync("-q", target, "-c", commands);
    }

    /// <summary>Runs a session that has to end well, and gives what it printed.</summary>
    public async Task<string> OkAsync(string target, string commands)
    {
        var code = await RunAsync(target, commands);
        Assert.True(code == ExitCode.Ok, $"{commands}: exit status {code}: {Error}");
        return Program.OutputText;
    }

    /// <summary>Runs a session that has to fail with one line that says why.</summary>
    public async Task FailsAsync(string target, string commands, string why, int code = ExitCode.Error)
    {
        Assert.Equal((code, ""), (await RunAsync(target, commands), Error.Contains(why, StringComparison.Ordinal) ? "" : Error));
    }

    /// <summary>Writes a file on the disk.</summary>
    public void Write(string name, string content)
    {
        var path = Path.Combine(Here, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    public string Read(string name) => File.ReadAllText(Path.Combine(Here, name));

    public string[] States(string archive) => [.. File.ReadAllLines(Path.Combine(Here, archive), Encoding.UTF8).Where(static line => !line.StartsWith('#'))];
}
