using System.Text.Json;
using Vt.Settings;

namespace Vt.Tests.Commands;

/// <summary>Runs the program with a volume <c>v</c>, whose trees are changed by importing into its branches' archives, as a mount would.</summary>
sealed class VolumeRun : IDisposable
{
    public VolumeRun()
    {
        Program["VT_AUTHOR"] = "Ann <ann@example.org>";
    }

    public ProgramRun Program { get; } = new();

    public string Output => Program.OutputText;

    public string Error => Program.Error;

    public void Dispose() => Program.Dispose();

    public async Task InitAsync()
    {
        await OkAsync("init");
        await OkAsync("volume", "init", "v");
    }

    public Task<int> RunAsync(params string[] arguments) => Program.RunAsync(arguments);

    public Task<string> OkAsync(params string[] arguments) => Program.RunOkAsync(arguments);

    public async Task FailsAsync(string why, params string[] arguments)
    {
        Assert.Equal(ExitCode.Error, await RunAsync(arguments));
        Assert.Contains(why, Error, StringComparison.Ordinal);
        Assert.Equal(1, Error.Count(static c => c == '\n'));
    }

    /// <summary>The folder that a branch's tree is made of by <see cref="SaveAsync"/>.</summary>
    public string FolderOf(string branch = "main") => Directory.CreateDirectory(Path.Combine(Program.Here, "trees", branch.Replace('/', '+'))).FullName;

    /// <summary>Makes what is in a branch's folder its tree.</summary>
    public async Task SaveAsync(string branch = "main") => await OkAsync("-q", "import", "--reread", "--delete", FolderOf(branch), ArchiveOf(branch));

    /// <summary>Writes a file of a branch's tree; null removes it.</summary>
    public async Task ChangeAsync(string path, string? content, string branch = "main")
    {
        var file = Path.Combine(FolderOf(branch), path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (content is null)
            File.Delete(file);
        else
            await File.WriteAllTextAsync(file, content);
        await SaveAsync(branch);
    }

    /// <summary>Changes a file and commits that.</summary>
    public async Task<string> CommitAsync(string path, string? content, string branch = "main", string? message = null)
    {
        await ChangeAsync(path, content, branch);
        return (await OkAsync("commit", "-b", branch, "-m", message ?? $"{path} is {content ?? "gone"}")).Trim();
    }

    /// <summary>Makes a branch of another's newest commit, with the tree that this has.</summary>
    public async Task BranchAsync(string name, string from = "main")
    {
        await OkAsync("branch", name, from);
        Assert.Equal(ExitCode.Partial, await RunAsync("commit", "-b", name, "-m", "makes its tree"));
        await OkAsync("-q", "export", from, Path.Combine(Program.Here, "trees", name.Replace('/', '+')));
    }

    public string ArchiveOf(string branch = "main") =>
        Directory.GetFiles(Path.Combine(Program.Home, ".local/share/vt/volumes"), branch.Replace('/', '+') + ".vt", SearchOption.AllDirectories).Single();

    public async Task<string> HeadAsync(string revision = "HEAD")
    {
        using var json = JsonDocument.Parse(await OkAsync("show", "--json", revision));
        return json.RootElement.GetProperty("id").GetString()!;
    }
}
