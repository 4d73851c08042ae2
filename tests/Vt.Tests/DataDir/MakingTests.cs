using Vt.Blocks.Contracts;
using Vt.Settings;
using Vt.Stores.DataDir;
using Vt.Tests.Commands;
using Vt.Tests.Support;

namespace Vt.Tests.DataDir;

/// <summary>What the making of a store leaves that is killed on its way is no store, and becomes one.</summary>
public sealed class MakingTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task What_was_made_half_is_finished(int steps)
    {
        var path = _folder["store"];
        MakeHalf(path, steps);
        var open = Assert.Throws<UserErrorException>(() => DataDirStore.Open(path));
        Assert.Contains("vt init makes one", open.Message, StringComparison.Ordinal);
        DataDirStore.Initialise(path);
        await using (var store = DataDirStore.Open(path))
        {
            await TestBlock.AddAsync(store, TestBlock.Many(store.Hasher, 1, 3));
            await store.FlushAsync();
        }

        Assert.Contains("is a DataDir already", Assert.Throws<UserErrorException>(() => DataDirStore.Initialise(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_command_that_makes_its_store_finishes_one_that_was_made_half(int steps)
    {
        using var run = new ProgramRun { ProgramName = "dvol" };
        MakeHalf(Path.Combine(run.Here, "volumes", "store"), steps);
        await run.RunOkAsync("-p", Path.Combine(run.Here, "volumes"), "--disable-docker-integration", "init", "sweet");
        Assert.Contains("sweet", await run.RunOkAsync("-p", Path.Combine(run.Here, "volumes"), "--disable-docker-integration", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_makes_its_store_makes_none_among_other_files()
    {
        using var run = new ProgramRun { ProgramName = "dvol" };
        var place = Directory.CreateDirectory(Path.Combine(run.Here, "volumes", "store")).FullName;
        await File.WriteAllTextAsync(Path.Combine(place, "letter"), "mine");
        Assert.Equal(ExitCode.Error, await run.RunAsync("-p", Path.Combine(run.Here, "volumes"), "--disable-docker-integration", "list"));
        Assert.Contains($"{place} is not empty and no DataDir", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Single(Directory.GetFileSystemEntries(place));
    }

    [Fact]
    public async Task A_store_that_has_lost_its_config_gets_no_other()
    {
        var path = _folder["store"];
        DataDirStore.Initialise(path);
        await using (var store = DataDirStore.Open(path))
        {
            await TestBlock.AddAsync(store, TestBlock.Many(store.Hasher, 1, 3));
            await store.FlushAsync();
        }

        File.Delete(Path.Combine(path, "config"));
        var fault = Assert.Throws<UserErrorException>(() => DataDirStore.Initialise(path));
        Assert.Contains("RECOVERY BY HAND", fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(path, "config")));
    }

    // The steps of the making, in their order.
    static void MakeHalf(string path, int steps)
    {
        foreach (var folder in ((string[])["", "packs", "refs", "index"]).Take(Math.Min(steps, 4)))
            Directory.CreateDirectory(Path.Combine(path, folder));
        if (steps > 4)
        {
            File.WriteAllText(Path.Combine(path, "catalogue"), "");
            File.WriteAllText(Path.Combine(path, $"config.{Guid.NewGuid():n}.new"), "half");
        }
    }
}
