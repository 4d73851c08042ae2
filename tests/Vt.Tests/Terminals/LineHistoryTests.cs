using Vt.Posix;
using Vt.Terminals;
using Vt.Tests.Support;

namespace Vt.Tests.Terminals;

public sealed class LineHistoryTests : IDisposable
{
    readonly TempFolder _folder = new();

    string File => _folder["state/history"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_are_there_again_each_once_and_for_the_owner_alone()
    {
        var history = new LineHistory(File);
        foreach (var line in (string[])["ls", "cd a", "ls", "ls", "", " secret", "get o\udce9d"])
            history.Add(line);

        Assert.Equal(["cd a", "ls", "get o\udce9d"], history.Lines);
        Assert.Equal(["cd a", "ls", "get o\udce9d"], new LineHistory(File).Lines);
        Assert.Equal(0x180u, PosixFile.Stat(File).Permissions);
    }

    [Fact]
    public void Sessions_at_the_same_time_each_add_theirs()
    {
        var (one, other) = (new LineHistory(File), new LineHistory(File));
        one.Add("one");
        other.Add("other");
        one.Add("more");

        Assert.Equal(["one", "other", "more"], new LineHistory(File).Lines);
        Assert.Equal(["one", "more"], one.Lines);
    }

    [Fact]
    public void The_file_is_bounded()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllLines(File, Enumerable.Range(0, 5000).Select(static i => $"line {i}"));

        var history = new LineHistory(File);

        Assert.Equal(1000, history.Lines.Count);
        Assert.Equal("line 4999", history.Lines[^1]);
        Assert.Equal(1000, System.IO.File.ReadAllLines(File).Length);
        Assert.Equal(0x180u, PosixFile.Stat(File).Permissions);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public void Where_no_file_can_be_made_the_lines_are_kept_in_memory()
    {
        _folder.Write("state", "a file where the folder should be");

        var history = new LineHistory(File);
        history.Add("ls");

        Assert.Equal(["ls"], history.Lines);
    }
}
