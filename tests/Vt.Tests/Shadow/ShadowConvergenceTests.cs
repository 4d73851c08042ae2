using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Tests.Support;
using Vt.Tests.Trees;
using Vt.Trees.Shadow;

namespace Vt.Tests.Shadow;

/// <summary>Whatever people do in two folders, and whenever: the folders become equal, fall silent, and nothing that was in one is lost.</summary>
public sealed class ShadowConvergenceTests
{
    static readonly string[] _names = ["a", "b", "c", "d.txt"];
    static readonly string[] _sides = ["one", "two"];
    static readonly ConflictRule[] _rules = [ConflictRule.KeepBoth, ConflictRule.Folder, ConflictRule.Store, ConflictRule.Newer];

    int _contents;

    [Fact]
    public void Folders_become_equal_and_silent_and_nothing_is_lost() => Samples.ForAll(
        static random => random,
        random => Run(ConvergeAsync(random, static (_, _) => { })),
        tests: 60);

    [Theory]
    [InlineData(1150777955)]
    [InlineData(139786567)]
    [InlineData(626393955)]
    [InlineData(1964010454)]
    [InlineData(788868162)]
    [InlineData(380156476)]
    public Task So_they_do_where_that_once_failed(int seed) => ConvergeAsync(new Random(seed), static (_, _) => { });

    [Fact]
    public void So_they_do_when_somebody_works_in_a_folder_while_it_is_changed() => Samples.ForAll(static random => random, random => Run(ConvergeAsync(random, WorkIn(random))), tests: 60);

    [Theory]
    [InlineData(1979870311)]
    [InlineData(2075262375)]
    [InlineData(1235042022)]
    [InlineData(2120832181)]
    [InlineData(1517473267)]
    [InlineData(378757411)]
    public Task So_they_do_where_that_once_failed_while_somebody_worked(int seed)
    {
        var random = new Random(seed);
        return ConvergeAsync(random, WorkIn(random));
    }

    Action<ShadowBed, string> WorkIn(Random random) => (bed, side) =>
    {
        if (random.Next(3) == 0)
            Edit(random, bed[side], isQuick: true);
    };

    static void Run(Task task) => task.GetAwaiter().GetResult();

    async Task ConvergeAsync(Random random, Action<ShadowBed, string> meanwhile)
    {
        using var bed = new ShadowBed { Rule = _rules[random.Next(_rules.Length)] };
        var (side, isOn) = ("one", true);
        bed.Boundary = new WriteBoundary((step, _, isDone) =>
        {
            if (isOn && !isDone && step is WriteStep.Rename or WriteStep.Unlink)
                meanwhile(bed, side);
        });
        var had = new HashSet<string>();
        foreach (var one in _sides)
            bed.Make(one);
        for (var round = 0; round < 6; round++)
        {
            foreach (var one in _sides)
            {
                for (var i = random.Next(6); i > 0; i--)
                    Edit(random, bed[one], isQuick: false);
            }

            side = _sides[random.Next(_sides.Length)];
            File.WriteAllText(Path.Combine(bed[side], "never empty"), "");
            had.UnionWith(ContentsOf(bed[side]));
            await bed.SyncAsync(side);
        }

        isOn = false;
        foreach (var one in _sides)
            had.UnionWith(ContentsOf(bed[one]));
        await bed.SettleAsync(_sides);
        Assert.Empty(TreeComparer.Compare(bed["one"], bed["two"]));
        Assert.False(Directory.Exists(Path.Combine(bed["one"], ".vt-shadow")));
        had.ExceptWith(await bed.HistoryAsync());
        Assert.Empty(had);
        var states = bed.States;
        foreach (var one in _sides)
            Assert.True((await bed.SyncAsync(one)).IsQuiet);
        Assert.Equal(states, bed.States);
    }

    void Edit(Random random, string top, bool isQuick)
    {
        var path = top;
        for (var depth = random.Next(1, 4); depth > 0; depth--)
        {
            path = Path.Combine(path, _names[random.Next(_names.Length)]);
            if (depth > 1 && !Directory.Exists(path))
            {
                if (File.Exists(path) || IsLink(path))
                    return;
                Directory.CreateDirectory(path);
            }
        }

        var other = Path.Combine(top, _names[random.Next(_names.Length)]);
        switch (random.Next(isQuick ? 4 : 9))
        {
            case 0:
                Remove(path);
                break;
            case 1:
                Remove(path);
                Directory.CreateDirectory(path);
                break;
            case 2 when File.Exists(path):
                File.AppendAllText(path, NewContent());
                break;
            case 4 when File.Exists(path) && !IsLink(path):
                Chmod(path, (uint)random.Next(0x180, 0x200));
                break;
            case 5 when Directory.Exists(path) && !IsLink(path):
                Chmod(path, 0x1c0 | (uint)random.Next(0x40));
                break;
            case 6 when File.Exists(path) && !Path.Exists(other) && !IsLink(other):
                PosixFile.Link(Encoding.UTF8.GetBytes(path), Encoding.UTF8.GetBytes(other));
                break;
            case 7 when !Path.Exists(path) && !IsLink(path):
                File.CreateSymbolicLink(path, $"nowhere {random.Next(9)}");
                break;
            case 8 when Path.Exists(path) && !Path.Exists(other) && !IsLink(other) && !other.StartsWith(path, StringComparison.Ordinal):
                Directory.Move(path, other);
                break;
            case 3 when File.Exists(path):
                Remove(path);
                File.WriteAllText(path, NewContent());
                break;
            default:
                if (!Directory.Exists(path) && !IsLink(path))
                    File.WriteAllText(path, NewContent());
                break;
        }
    }

    // Each of its own length: what has the same size within one tick of the clock looks the same.
    string NewContent() => new string((char)('a' + (_contents % 26)), ++_contents) + "\n";

    static HashSet<string> ContentsOf(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Select(File.ReadAllText)];

    static void Chmod(string path, uint mode) => Ownership.TryChmodAt(FileDescriptor.CurrentDirectory, Encoding.UTF8.GetBytes(path), mode);

    static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    static void Remove(string path)
    {
        if (IsLink(path) || File.Exists(path))
            File.Delete(path);
        else if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
