using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Volumes;

/// <summary>
/// Kills commands that move branches at the boundaries of what they write: what comes after is the state before or the state behind, whole, with no manual step. With
/// VT_TEST_LONG set at every boundary.
/// </summary>
public sealed class VolumeCrashTests : IDisposable
{
    const int Stride = 4;

    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly string _source;

    public VolumeCrashTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Environment["VT_AUTHOR"] = "Ann <ann@example.org>";
        _vt.Succeed("init");
        _vt.Succeed("volume", "init", "v");
        _source = _folder.Make("source");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_killed_commit_was_made_or_not()
    {
        Change("f", "begin");
        _vt.Succeed("commit", "-m", "begin");
        var commits = Count();
        AtBoundaries(["commit", "-m", "killed"], boundary => Change("f", $"content {boundary}"), boundary =>
        {
            var isMade = Count() == commits + 1;
            Assert.True(isMade || Count() == commits);
            Assert.Equal(isMade, _vt.Succeed("cat", "HEAD/f") == $"content {boundary}");
            Assert.Equal(isMade ? 3 : 0, _vt.Run("commit", "-m", "again").ExitCode);
            Assert.Equal(++commits, Count());
            Assert.Equal($"content {boundary}", _vt.Succeed("cat", "HEAD/f"));
        });
    }

    [Fact]
    public void A_killed_reset_is_done_or_was_not_begun()
    {
        Change("f", "one");
        var one = _vt.Succeed("commit", "-m", "one").Trim();
        Change("f", "two");
        var two = _vt.Succeed("commit", "-m", "two").Trim();
        AtBoundaries(["-q", "reset", "--hard", "HEAD^"], _ => Change("f", "dirty"), _ =>
        {
            var status = _vt.Succeed("status");
            var head = Head();
            Assert.Contains(head, new[] { one, two });
            Assert.Equal(head == one ? "one" : "dirty", _vt.Succeed("cat", "v/f"));
            Assert.Equal(head == one, status.Length == 0);
            _vt.Succeed("-q", "reset", "--hard", two);
        });
    }

    [Fact]
    public void A_killed_merge_was_made_or_not()
    {
        Change("f", "base");
        _vt.Succeed("commit", "-m", "base");
        _vt.Succeed("branch", "side");
        Change("f", "main's");
        var main = _vt.Succeed("commit", "-m", "main's").Trim();
        _vt.Succeed("checkout", "side");
        Assert.Equal("", _vt.Succeed("status"));
        Change("g", "side's", "side");
        _vt.Succeed("commit", "-m", "side's");
        _vt.Succeed("checkout", "main");
        AtBoundaries(["merge", "side"], static _ => { }, _ =>
        {
            Assert.Equal("", _vt.Succeed("status"));
            if (Head() == main)
            {
                Assert.DoesNotContain("g", _vt.Succeed("ls", "v"), StringComparison.Ordinal);
            }
            else
            {
                Assert.Contains("Merge side into main", _vt.Succeed("log", "--oneline", "-n", "1"), StringComparison.Ordinal);
                Assert.Equal("side's", _vt.Succeed("cat", "v/g"));
            }

            Assert.Equal("main's", _vt.Succeed("cat", "v/f"));
            _vt.Succeed("-q", "reset", "--hard", main);
        });
    }

    // Until a command is through before its boundary comes.
    void AtBoundaries(string[] command, Action<int> prepare, Action<int> check)
    {
        var isLong = Environment.GetEnvironmentVariable("VT_TEST_LONG") is { Length: > 0 };
        for (var boundary = 1; ; boundary += isLong ? 1 : Stride)
        {
            prepare(boundary);
            _vt.Environment["VT_FAULT"] = $"kill:{boundary}";
            var completed = _vt.Run(command);
            _vt.Environment.Remove("VT_FAULT");
            Assert.Contains(completed.ExitCode, new[] { 0, 137 });
            if (completed.ExitCode == 0)
            {
                Assert.True(boundary > 8, $"only {boundary} boundaries");
                return;
            }

            check(boundary);
        }
    }

    void Change(string name, string content, string branch = "main")
    {
        File.WriteAllText(Path.Combine(_source, name), content);
        var archive = Directory.GetFiles(_folder["home"], branch + ".vt", SearchOption.AllDirectories).Single();
        _vt.Succeed("-q", "import", "--reread", _source, archive);
    }

    int Count() => _vt.Succeed("log", "--oneline").Count(static c => c == '\n');

    string Head() => _vt.Succeed("log", "-n", "1").Split('\n')[0].Split(' ')[1];
}
