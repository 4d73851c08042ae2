using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using static Vt.Tests.Files.Live.LiveBed;

namespace Vt.Tests.Files.Live;

/// <summary>Names that rules keep out of the archive.</summary>
public sealed class LocalNameTests : IAsyncLifetime
{
    readonly LiveBed _bed = new() { Rules = LocalRules.None.With("*.o"u8, true).With("/build"u8, true) };

    public Task InitializeAsync() => _bed.OpenAsync();

    public Task DisposeAsync() => _bed.DisposeAsync().AsTask();

    [Fact]
    public async Task A_local_name_is_usable_and_in_no_state()
    {
        await _bed.WriteAsync("a.c", Random(5000, 1));
        await _bed.WriteAsync("a.o", Random(5000, 2));
        var build = await _bed.MkdirAsync("build");
        await _bed.WriteAsync("deep.c", Random(300_000, 3), build);
        await _bed.Files.CheckpointAsync();
        Assert.Equal(["a.c"], await StoredAsync());
        Assert.Equal(Random(5000, 2), await _bed.ReadAsync("a.o"));
        Assert.Equal(Random(300_000, 3), await _bed.ReadAsync("build/deep.c"));
        var status = _bed.Files.GetStatus();
        Assert.Equal((3, 305_000), (status.LocalInodes, status.LocalBytes));
        Assert.Equal(0, status.UnstoredBytes);
    }

    [Fact]
    public async Task What_is_local_survives_closing_and_opening_with_all_that_it_is()
    {
        var file = await _bed.WriteAsync("a.o", Random(500_000, 1));
        await _bed.WriteAsync(file, 1_000_000, Random(10, 2));
        Assert.Equal(Errno.OK, await _bed.Files.SetxattrAsync(default, file, Bytes("user.x"), Bytes("y"), false, false, false));
        var build = await _bed.MkdirAsync("build");
        Value(await _bed.Files.LinkAsync(file, build, Bytes("b")));
        Value(await _bed.Files.SymlinkAsync(default, build, Bytes("s"), Bytes("where")));
        await _bed.MkdirAsync("d", build);
        var before = Value(await _bed.Files.GetattrAsync(file));
        for (var i = 0; i < 3; i++)
        {
            await _bed.CloseAsync();
            Assert.DoesNotContain(_bed.StateFiles, static name => name.StartsWith("journal-", StringComparison.Ordinal) || name.StartsWith("data-", StringComparison.Ordinal));
            _bed.Rules = null;
            await _bed.OpenAsync();
            byte[] expected = [.. Random(500_000, 1), .. new byte[500_000], .. Random(10, 2)];
            Assert.Equal(expected, await _bed.ReadAsync("a.o"));
            Assert.Equal(expected, await _bed.ReadAsync("build/b"));
            var after = Value(await _bed.Files.GetattrAsync(await _bed.FindAsync("build/b")));
            Assert.Equal((before.Number, before.Mode, 2u, before.Modified, before.Changed), (after.Number, after.Mode, after.Links, after.Modified, after.Changed));
            Assert.Equal(Bytes("y"), Value(await _bed.Files.GetxattrAsync(await _bed.FindAsync("a.o"), Bytes("user.x"))).ToArray());
            Assert.Equal(Bytes("where"), Value(await _bed.Files.ReadlinkAsync(await _bed.FindAsync("build/s"))).ToArray());
            Assert.True(await _bed.ExistsAsync("d", await _bed.FindAsync("build")));
        }

        // And the rules with it.
        await _bed.WriteAsync("b.o", Random(10, 1));
        await _bed.Files.CheckpointAsync();
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task What_is_local_survives_kills_before_and_behind_checkpoints()
    {
        var build = await _bed.MkdirAsync("build");
        var expected = new Dictionary<string, byte[]>();
        for (var i = 0; i < 12; i++)
        {
            build = await _bed.FindAsync("build");
            await PutAsync($"f{i}", Random(1000 + (i * 20_000), i));
            if (i % 3 == 1)
                await PutAsync("f0", Random(70_000, 100 + i));
            if (i % 3 == 2)
                await _bed.WriteAsync($"s{i}", Random(100, i));
            if (i % 4 == 3)
                await _bed.Files.CheckpointAsync();
            await _bed.FsyncAsync();
            await _bed.KillAsync();
            foreach (var (name, content) in expected)
                Assert.Equal(content, await _bed.ReadAsync($"build/{name}"));
        }

        Assert.Equal(["s11", "s2", "s5", "s8"], await StoredAsync());

        async Task PutAsync(string name, byte[] content)
        {
            var file = await _bed.ExistsAsync(name, build) ? await _bed.FindAsync($"build/{name}") : await _bed.MakeAsync(name, build);
            await _bed.WriteAsync(file, 0, content);
            expected[name] = content;
        }
    }

    [Fact]
    public async Task Renamed_out_a_file_and_a_folder_are_stored()
    {
        await _bed.WriteAsync("a.o", Random(200_000, 1));
        var build = await _bed.MkdirAsync("build");
        var below = await _bed.MkdirAsync("below", build);
        await _bed.WriteAsync("x", Random(100, 2), below);
        await _bed.WriteAsync("y.o", Random(100, 3), below);
        await _bed.Files.CheckpointAsync();
        await _bed.KillAsync();
        await _bed.RenameAsync("a.o", "a");
        await _bed.RenameAsync("build", "kept");
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        await _bed.Files.CheckpointAsync();
        Assert.Equal(["a", "kept", "kept/below", "kept/below/x"], await StoredAsync());
        Assert.Equal(1, _bed.Files.GetStatus().LocalInodes);
        await _bed.KillAsync();
        Assert.Equal(Random(200_000, 1), await _bed.ReadAsync("a"));
        Assert.Equal(Random(100, 2), await _bed.ReadAsync("kept/below/x"));
        Assert.Equal(Random(100, 3), await _bed.ReadAsync("kept/below/y.o"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Renamed_in_a_stored_folder_leaves_the_next_state_and_stays_readable(bool isLoaded)
    {
        var folder = await _bed.MkdirAsync("folder");
        var inner = await _bed.MkdirAsync("inner", folder);
        var linked = await _bed.WriteAsync("x", Random(5000, 1), inner);
        await _bed.WriteAsync("large", Random(500_000, 2), inner);
        Value(await _bed.Files.LinkAsync(linked, NodeId.Root, Bytes("outside")));
        Value(await _bed.Files.LinkAsync(linked, folder, Bytes("again")));
        var large = Xattr(60_000);
        Assert.Equal(Errno.OK, await _bed.Files.SetxattrAsync(default, await _bed.FindAsync("folder/inner/large"), Bytes("user.large"), large, false, false, false));
        await _bed.CloseAsync();
        await _bed.OpenAsync();
        if (isLoaded)
            await _bed.WriteAsync("new", Random(10, 3), await _bed.FindAsync("folder/inner"));
        await _bed.RenameAsync("folder", "build");
        for (var i = 0; i < 3; i++)
        {
            if (i == 1)
            {
                await _bed.Files.CheckpointAsync();
                Assert.Equal(["outside"], await StoredAsync());
            }

            await _bed.FsyncAsync();
            await _bed.KillAsync();
            Assert.Equal(Random(5000, 1), await _bed.ReadAsync("build/inner/x"));
            Assert.Equal(Random(500_000, 2), await _bed.ReadAsync("build/inner/large"));
            Assert.Equal(large, Value(await _bed.Files.GetxattrAsync(await _bed.FindAsync("build/inner/large"), Bytes("user.large"))).ToArray());
            Assert.Equal(3u, Value(await _bed.Files.GetattrAsync(await _bed.FindAsync("outside"))).Links);
            Assert.Equal(isLoaded, await _bed.ExistsAsync("new", await _bed.FindAsync("build/inner")));
            Assert.False(await _bed.ExistsAsync("folder"));
        }

        await _bed.RenameAsync("build", "back");
        await _bed.Files.CheckpointAsync();
        await _bed.KillAsync();
        Assert.Equal(Random(500_000, 2), await _bed.ReadAsync("back/inner/large"));
        Assert.Equal(3u, Value(await _bed.Files.GetattrAsync(await _bed.FindAsync("back/again"))).Links);
        string[] expected = ["outside", "back", "back/again", "back/inner", "back/inner/large", "back/inner/x", .. isLoaded ? ["back/inner/new"] : Array.Empty<string>()];
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await StoredAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_with_one_stored_name_is_stored_and_its_link_count_is_that_of_the_stored_names()
    {
        var file = await _bed.WriteAsync("a.o", Random(5000, 1));
        Value(await _bed.Files.LinkAsync(file, NodeId.Root, Bytes("a")));
        Value(await _bed.Files.LinkAsync(file, NodeId.Root, Bytes("b.o")));
        await _bed.Files.CheckpointAsync();
        Assert.Equal(["a"], await StoredAsync());
        Assert.Equal(1u, await StoredLinksAsync("a"));
        await _bed.KillAsync();
        Assert.Equal(3u, Value(await _bed.Files.GetattrAsync(await _bed.FindAsync("a"))).Links);
        await _bed.UnlinkAsync("a");
        await _bed.Files.CheckpointAsync();
        Assert.Empty(await StoredAsync());
        Assert.Equal(0, _bed.States[^1].Root.Inodes.Span);
        await _bed.KillAsync();
        Assert.Equal(Random(5000, 1), await _bed.ReadAsync("b.o"));
        Assert.Equal(2u, Value(await _bed.Files.GetattrAsync(await _bed.FindAsync("a.o"))).Links);
        Value(await _bed.Files.LinkAsync(await _bed.FindAsync("a.o"), NodeId.Root, Bytes("c")));
        await _bed.CloseAsync();
        await _bed.OpenAsync();
        Assert.Equal(["c"], await StoredAsync());
        Assert.Equal(Random(5000, 1), await _bed.ReadAsync("c"));
    }

    [Fact]
    public async Task Names_that_were_stored_before_the_rules_stay_so_and_other_rules_store_what_they_do_not_name()
    {
        await _bed.CloseAsync();
        _bed.Rules = LocalRules.None;
        await _bed.OpenAsync();
        var build = await _bed.MkdirAsync("build");
        await _bed.WriteAsync("old.o", Random(10, 1));
        await _bed.CloseAsync();
        _bed.Rules = LocalRules.None.With("*.o"u8, true).With("/build"u8, true);
        await _bed.OpenAsync();
        build = await _bed.FindAsync("build");
        await _bed.WriteAsync(await _bed.FindAsync("old.o"), 0, Random(20, 2));
        await _bed.WriteAsync("new.o", Random(10, 3));
        await _bed.WriteAsync("x", Random(10, 4), build);
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        await _bed.Files.CheckpointAsync();
        Assert.Equal(["build", "old.o"], await StoredAsync());

        // The first that matches decides.
        await _bed.CloseAsync();
        _bed.Rules = LocalRules.None.With("new.*"u8, false).With("*.o"u8, true).With("/build"u8, true);
        await _bed.OpenAsync();
        await _bed.KillAsync();
        await _bed.Files.CheckpointAsync();
        Assert.Equal(["build", "new.o", "old.o"], await StoredAsync());
        _bed.Rules = LocalRules.None;
        await _bed.KillAsync();
        await _bed.CloseAsync();
        await _bed.OpenAsync();
        Assert.Equal(["build", "build/x", "new.o", "old.o"], await StoredAsync());
        await _bed.CloseAsync();
        Assert.Equal(["lock", "state"], _bed.StateFiles);
    }

    [Fact]
    public async Task Local_changes_make_no_state_and_end_epochs_all_the_same()
    {
        await _bed.WriteAsync("a", Random(10, 1));
        await _bed.Files.CheckpointAsync();
        var states = _bed.States.Count;
        for (var i = 0; i < 3; i++)
        {
            await _bed.WriteAsync($"{i}.o", Random(100_000, i));
            Assert.False(await _bed.Files.CheckpointAsync());
            await _bed.CloseAsync();
            await _bed.OpenAsync();
            await _bed.UnlinkAsync($"{i}.o");
            await _bed.FsyncAsync();
            await _bed.KillAsync();
            await _bed.CloseAsync();
            Assert.Equal(states, _bed.States.Count);
            Assert.DoesNotContain(_bed.StateFiles, static name => name.StartsWith("kept-", StringComparison.Ordinal));
            await _bed.OpenAsync();
        }
    }

    [Fact]
    public async Task A_local_name_takes_the_place_of_a_stored_one_also_while_that_checkpoint_fails()
    {
        var build = await _bed.MkdirAsync("kept");
        await _bed.WriteAsync("x", Random(10, 1), build);
        await _bed.CloseAsync();
        await _bed.OpenAsync();
        await _bed.WriteAsync("new", Random(10, 2));
        _bed.Store.Fault = new StoreUnavailableException("store", "it is away, by plan");
        await _bed.UnlinkAsync("x", await _bed.FindAsync("kept"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _bed.Files.CheckpointAsync().AsTask());
        await _bed.WriteAsync("y.o", Random(10, 3), await _bed.FindAsync("kept"));
        await _bed.RenameAsync("y.o", "x", await _bed.FindAsync("kept"), await _bed.FindAsync("kept"));
        await _bed.RenameAsync("x", "x.o", await _bed.FindAsync("kept"), await _bed.FindAsync("kept"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _bed.Files.CheckpointAsync().AsTask());
        _bed.Store.Fault = null;
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        Assert.False(await _bed.ExistsAsync("x", await _bed.FindAsync("kept")));
        await _bed.Files.CheckpointAsync();
        Assert.Equal(["kept", "new"], await StoredAsync());
        Assert.Equal(Random(10, 3), await _bed.ReadAsync("kept/x.o"));
    }

    [Fact]
    public async Task Kept_files_are_emptied_and_removed_as_what_is_in_them_goes()
    {
        for (var i = 0; i < 40; i++)
            await _bed.WriteAsync($"{i}.o", Random(100_000, i));
        await CheckpointAllAsync(0);
        var full = KeptBytes();
        Assert.InRange(full, 4_000_000, 6_000_000);
        for (var i = 0; i < 36; i++)
            await _bed.UnlinkAsync($"{i}.o");

        // What is open stays.
        await _bed.FsyncAsync();
        await _bed.KillAsync();
        await CheckpointAllAsync(1);
        await CheckpointAllAsync(2);
        await CheckpointAllAsync(3);
        await _bed.FsyncAsync();
        Assert.InRange(KeptBytes(), 400_000, 1_000_000);
        await _bed.KillAsync();
        for (var i = 36; i < 40; i++)
            Assert.Equal(Random(100_000, i), await _bed.ReadAsync($"{i}.o"));
        for (var i = 36; i < 40; i++)
            await _bed.UnlinkAsync($"{i}.o");
        for (var i = 0; i < 4; i++)
            await _bed.UnlinkAsync($"small{i}.o");
        await _bed.CloseAsync();
        Assert.Equal(["lock", "state"], _bed.StateFiles);

        async Task CheckpointAllAsync(int seed)
        {
            // Something local and something stored has changed.
            await _bed.WriteAsync($"small{seed}.o", Random(10, seed));
            await _bed.WriteAsync($"stored{seed}", Random(10, seed));
            Assert.True(await _bed.Files.CheckpointAsync());
        }
    }

    [Fact]
    public async Task Large_local_files_are_not_stored_early_and_nothing_of_them_comes_into_the_store()
    {
        var content = Random(40 << 20, 7);
        var file = await _bed.MakeAsync("large.o");
        for (var at = 0; at < content.Length; at += 1 << 20)
            await _bed.WriteAsync(file, at, content[at..(at + (1 << 20))]);
        Assert.Equal(Errno.OK, await _bed.Files.FsyncAsync(file));
        await _bed.WriteAsync("a", Random(10, 1));
        await _bed.Files.CheckpointAsync();
        var status = _bed.Files.GetStatus();
        Assert.Equal((0, 0, 40 << 20), (status.StoredEarlyBytes, status.UnstoredBytes, status.LocalBytes));
        await _bed.KillAsync();
        Assert.True((await _bed.ReadAsync("large.o")).AsSpan().SequenceEqual(content));
    }

    [Fact]
    public async Task Folders_above_local_names_may_be_moved_and_the_times_that_local_names_gave_them_stay()
    {
        var above = await _bed.MkdirAsync("above");
        var folder = await _bed.MkdirAsync("folder", above);
        await _bed.Files.CheckpointAsync();
        await _bed.WriteAsync("x.o", Random(100, 1), folder);
        await _bed.Files.CheckpointAsync();
        var times = Value(await _bed.Files.GetattrAsync(folder)).Modified;
        await _bed.CloseAsync();
        await _bed.OpenAsync();
        Assert.Equal(times, Value(await _bed.Files.GetattrAsync(await _bed.FindAsync("above/folder"))).Modified);
        await _bed.RenameAsync("above", "moved");
        await _bed.Files.CheckpointAsync();
        await _bed.KillAsync();
        Assert.Equal(Random(100, 1), await _bed.ReadAsync("moved/folder/x.o"));
        Assert.Equal(["moved", "moved/folder"], await StoredAsync());
    }

    static byte[] Xattr(int length) => Random(length, 99);

    long KeptBytes() => _bed.StateFiles.Where(static name => name.StartsWith("kept-", StringComparison.Ordinal)).Sum(name => new FileInfo(Path.Combine(_bed.StateFolder, name)).Length);

    async Task<uint> StoredLinksAsync(string name)
    {
        var root = _bed.States[^1].Root;
        var reader = new DirectoryReader(_bed.Store, new DirectoryNodeCache(1 << 20));
        var entry = (await reader.FindAsync(root.Content, DirectoryOrder.Names, Bytes(name)))!.Value.Dirent;
        return (await reader.LookupInodeAsync(root.Inodes, entry.Uuid!.Value))!.Metadata.LinkCount;
    }

    /// <summary>The paths in the newest state.</summary>
    async Task<List<string>> StoredAsync()
    {
        var paths = new List<string>();
        var reader = new DirectoryReader(_bed.Store, new DirectoryNodeCache(1 << 20));
        await AddAsync(_bed.States[^1].Root, "");
        return paths;

        async Task AddAsync(Dirent directory, string path)
        {
            await foreach (var entry in reader.EnumerateAsync(directory.Content))
            {
                var below = path + LosslessText.FromBytes(entry.Name.Span);
                paths.Add(below);
                if (entry.Kind == DirentKind.Directory)
                    await AddAsync(entry, below + "/");
            }
        }
    }
}
