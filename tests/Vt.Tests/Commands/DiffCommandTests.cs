using System.Diagnostics;
using System.Text.Json;
using Vt.Posix;

namespace Vt.Tests.Commands;

/// <summary>vt diff with figures and as a patch, which git apply and patch(1) are to take.</summary>
public sealed class DiffCommandTests : IAsyncLifetime
{
    readonly VolumeRun _run = new();

    public Task InitializeAsync() => _run.InitAsync();

    public Task DisposeAsync()
    {
        _run.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("git", "apply", "--whitespace=nowarn", "--unsafe-paths")]
    [InlineData("patch", "-p1", "--no-backup-if-mismatch", "-s", "-f")]
    public async Task A_patch_brings_the_one_tree_to_the_other(string program, params string[] arguments)
    {
        await WriteTreeAsync(isAfter: false);
        await _run.OkAsync("commit", "-m", "before");
        await WriteTreeAsync(isAfter: true);
        await _run.OkAsync("commit", "-m", "after");
        var patch = Path.Combine(_run.Program.Here, "patch");
        await _run.OkAsync("diff", "-p", "HEAD^", "HEAD");
        await File.WriteAllBytesAsync(patch, _run.Program.Output);
        await _run.OkAsync("-q", "export", "HEAD^", "patched");
        await _run.OkAsync("-q", "export", "HEAD", "expected");
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{program} {string.Join(' ', arguments)} < {patch}"])
        {
            WorkingDirectory = Path.Combine(_run.Program.Here, "patched"),
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{await errors}{output}\n{await File.ReadAllTextAsync(patch)}");
        Assert.Equal(Listing("expected"), Listing("patched"));
    }

    [Fact]
    public async Task Figures_count_lines_and_bytes()
    {
        await File.WriteAllBytesAsync(Path.Combine(_run.FolderOf(), "image"), new byte[100_000]);
        await _run.CommitAsync("text", "one\ntwo\nthree\n");
        await using (var image = File.OpenWrite(Path.Combine(_run.FolderOf(), "image")))
        {
            image.Position = 50_000;
            image.Write([1, 2, 3]);
        }

        await _run.ChangeAsync("new", "a\nb\n");
        await _run.CommitAsync("text", "one\n2\nthree\nfour\n", message: "second");
        Assert.Equal(
            """
             image |  binary  +3 B -3 B
             new   | 2 lines  +4 B -0 B ++
             text  | 3 lines  +7 B -4 B ++-
             3 files changed, 4 lines added, 1 removed, 14 B added, 7 B removed

            """,
            await _run.OkAsync("diff", "--stat", "HEAD^", "HEAD"));
        var lines = (await _run.OkAsync("diff", "--stat", "--json", "HEAD^", "HEAD")).Trim().Split('\n').Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([3L, 4L, 7L, 14L], lines.Select(static line => line.GetProperty("bytes_added").GetInt64()));
        Assert.False(lines[0].TryGetProperty("lines_added", out _));
        Assert.Equal(3, lines[3].GetProperty("files").GetInt32());
        Assert.Equal("", await _run.OkAsync("diff", "--stat", "HEAD", "HEAD"));
        Assert.Contains("Binary files a/image and b/image differ, 3 of 100000 bytes changed\n", await _run.OkAsync("diff", "-p", "HEAD^", "HEAD"), StringComparison.Ordinal);
        Assert.Contains("    second\n\n image |", await _run.OkAsync("show", "--stat"), StringComparison.Ordinal);
        Assert.Contains("@@ -2 +2 @@\n-two\n+2\n@@ -3,0 +4 @@\n+four\n", await _run.OkAsync("show", "-p", "-U", "0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_contradict_one_another_are_refused()
    {
        await _run.FailsAsync("leave --stat and --json out", "diff", "-p", "--stat", "HEAD", "HEAD");
        await _run.FailsAsync("say -p too", "diff", "-U", "3", "HEAD", "HEAD");
        await _run.FailsAsync("letters and paths and nothing else", "diff", "-0", "--stat", "HEAD", "HEAD");
        await _run.FailsAsync("leave --text, --root and --json out", "show", "--stat", "--json");
    }

    // Every kind of change that git's patches know, and names that they quote.
    async Task WriteTreeAsync(bool isAfter)
    {
        var top = _run.FolderOf();
        foreach (var entry in new DirectoryInfo(top).GetFileSystemInfos())
        {
            if (entry is DirectoryInfo folder && entry.LinkTarget is null)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }

        var text = string.Concat(Enumerable.Range(0, 100).Select(static i => $"line {i}\n"));
        await WriteAsync("changed", isAfter ? text.Replace("line 50\n", "", StringComparison.Ordinal).Replace("line 90\n", "line ninety\nand more\n", StringComparison.Ordinal) : text);
        await WriteAsync("with blanks", isAfter ? "new\n" : "old\n");
        await WriteAsync("d/umläut \" and \\", isAfter ? "new\n" : "old\n");
        await WriteAsync("no newline", isAfter ? "a\nb" : "a\nb\n");
        await WriteAsync("to run", "#!/bin/sh\n");
        using (var file = PosixFile.Open(Path.Combine(top, "to run"), OpenFlags.O_RDONLY))
            Assert.Equal(Errno.OK, Ownership.TryChmod(file, isAfter ? 0x1edu : 0x1a4u));
        await WriteAsync(isAfter ? "came/deep/down" : "gone/deep/down", "content\n");
        await WriteAsync(isAfter ? "empty came" : "empty gone", "");
        File.CreateSymbolicLink(Path.Combine(top, "link"), isAfter ? "elsewhere" : "here");
        await _run.SaveAsync();

        async Task WriteAsync(string name, string content)
        {
            var file = Path.Combine(top, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, content);
        }
    }

    // What a patch can say: contents, targets, and who may run a file.
    string Listing(string folder)
    {
        var top = Path.Combine(_run.Program.Here, folder);
        return string.Join('\n', new DirectoryInfo(top).GetFileSystemInfos("*", SearchOption.AllDirectories)
            .Where(static entry => entry is FileInfo || entry.LinkTarget is not null)
            .OrderBy(static entry => entry.FullName, StringComparer.Ordinal)
            .Select(entry => $"{Path.GetRelativePath(top, entry.FullName)} {entry.LinkTarget ?? $"{entry.UnixFileMode & UnixFileMode.UserExecute} {File.ReadAllText(entry.FullName)}"}"));
    }
}
