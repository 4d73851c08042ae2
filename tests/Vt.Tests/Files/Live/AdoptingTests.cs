using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Files;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Files.Live;

/// <summary>Folders that get the entries of a stored one in one step: they are what a copy name by name would be, through kills and checkpoints.</summary>
public sealed class AdoptingTests
{
    static readonly Caller Root = new(0, 0);

    [Fact]
    public async Task A_clone_is_there_whole_after_a_kill_and_each_of_both_has_its_own_life()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var source = await MakeTreeAsync(bed, "source");
        Assert.Equal(Errno.OK, await bed.Files.SetxattrAsync(Root, source, "user.note"u8.ToArray(), "said"u8.ToArray(), false, false, false));
        Assert.True((await bed.Files.SetattrAsync(source, new StatusChange { Mode = 0x5e8, Uid = 12, Gid = 13, Modified = new Timestamp(77, 8) })).Succeeded);
        var clone = await CloneAsync(bed, source, "clone");
        var original = await ListAsync(bed, "source");
        Assert.Equal(original, await ListAsync(bed, "clone"));
        await bed.FsyncAsync();
        await bed.KillAsync();
        Assert.Equal(original, await ListAsync(bed, "clone"));
        Assert.Equal(original, await ListAsync(bed, "source"));
        var attributes = LiveBed.Value(await bed.Files.GetattrAsync(await bed.FindAsync("clone")));
        Assert.Equal((0x5e8u | ModeBits.S_IFDIR, 12u, 13u, (77L, 8u), 4u), (attributes.Mode, attributes.Uid, attributes.Gid, attributes.Modified, attributes.Links));
        Assert.Equal("said", await TextAsync(bed, await bed.FindAsync("clone"), "user.note"));
        await CheckNumbersAsync(bed);

        // In the log of one life and in the state of the next.
        await bed.WriteAsync(await bed.FindAsync("clone/sub/1"), 0, "other"u8.ToArray());
        await bed.UnlinkAsync("2", await bed.FindAsync("clone/sub"));
        await bed.RenameAsync("3", "three", await bed.FindAsync("clone/sub"), await bed.FindAsync("clone"));
        await bed.UnlinkAsync("4", await bed.FindAsync("source/sub"));
        for (var life = 0; life < 2; life++)
        {
            await bed.FsyncAsync();
            await bed.KillAsync();
            Assert.StartsWith("other", Encoding.UTF8.GetString(await bed.ReadAsync("clone/sub/1")), StringComparison.Ordinal);
            Assert.StartsWith("content 1", Encoding.UTF8.GetString(await bed.ReadAsync("source/sub/1")), StringComparison.Ordinal);
            Assert.Equal((false, true, true, false), (await bed.ExistsAsync("2", await bed.FindAsync("clone/sub")), await bed.ExistsAsync("2", await bed.FindAsync("source/sub")),
                await bed.ExistsAsync("4", await bed.FindAsync("clone/sub")), await bed.ExistsAsync("4", await bed.FindAsync("source/sub"))));
            Assert.StartsWith("content 3", Encoding.UTF8.GetString(await bed.ReadAsync("clone/three")), StringComparison.Ordinal);
            await CheckNumbersAsync(bed);
            await bed.Files.CheckpointAsync();
        }

        Assert.Empty(bed.Log);
    }

    [Fact]
    public async Task What_was_not_synced_is_there_whole_after_a_kill_or_not_at_all()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var source = await MakeTreeAsync(bed, "source");
        await bed.Files.CheckpointAsync();
        await CloneAsync(bed, source, "clone");
        var original = await ListAsync(bed, "source");
        await bed.KillAsync();
        if (await bed.ExistsAsync("clone") && await ListAsync(bed, "clone") is { Count: > 0 } found)
            Assert.Equal(original, found);
        Assert.Equal(original, await ListAsync(bed, "source"));
    }

    [Fact]
    public async Task A_tree_whose_entries_have_no_UUIDs_is_shared_as_it_is_and_so_is_the_clone_of_a_clone()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var source = await MakeTreeAsync(bed, "source");
        var clone = await CloneAsync(bed, source, "clone");
        var first = Dirent.Parse(await TextAsync(bed, clone, "x-vt-dirent"));
        Assert.NotEqual(Dirent.Parse(await TextAsync(bed, source, "x-vt-dirent")).Content, first.Content);
        var second = await CloneAsync(bed, clone, "second");
        Assert.Equal(first.Content, Dirent.Parse(await TextAsync(bed, second, "x-vt-dirent")).Content);
        await CheckNumbersAsync(bed);
        Assert.Equal("9 10890", await TextAsync(bed, second, "x-vt-cloned"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_checkpoint_that_began_before_does_not_bring_back_what_the_folder_was_then(bool fails)
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var source = await MakeTreeAsync(bed, "source");
        var text = await TextAsync(bed, source, "x-vt-dirent");
        var target = await bed.MkdirAsync("target");
        await bed.WriteAsync("gone", "x"u8.ToArray(), target);
        await bed.WriteAsync("1", "another"u8.ToArray(), target);
        if (fails)
            await bed.Files.CheckpointAsync();
        await bed.WriteAsync("also gone", "x"u8.ToArray(), target);

        // Its instant is past, and it waits in the store for the folder to change.
        bed.Store.HoldFlush();
        var checkpoint = bed.Files.CheckpointAsync().AsTask();
        await bed.Store.Held;
        foreach (var name in (string[])["gone", "1", "also gone"])
            await bed.UnlinkAsync(name, target);
        Assert.Equal(Errno.OK, await SetAsync(bed, target, text));
        await bed.WriteAsync("gone", "new"u8.ToArray(), target);
        await bed.UnlinkAsync("top", target);
        if (fails)
            bed.Store.Fault = new IOException("a test");
        bed.Store.LetGo();
        if (fails)
        {
            await Assert.ThrowsAsync<IOException>(async () => await checkpoint);
            bed.Store.Fault = null;
        }
        else
        {
            Assert.True(await checkpoint);
        }

        for (var life = 0; life < 4; life++)
        {
            Assert.Equal(["empty", "gone", "sub"], await NamesAsync(bed, "target"));
            Assert.Equal("new", Encoding.UTF8.GetString(await bed.ReadAsync("target/gone")));
            Assert.Equal("content 5", Encoding.UTF8.GetString(await bed.ReadAsync("target/sub/5"))[..9]);
            if (life == 1)
                await bed.Files.CheckpointAsync();
            await bed.FsyncAsync();
            await bed.KillAsync();
        }

        Assert.True(await bed.ExistsAsync("top", await bed.FindAsync("source")));
    }

    [Fact]
    public async Task A_name_that_was_looked_for_before_is_not_made_a_second_time()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var target = await bed.MkdirAsync("target");
        await bed.WriteAsync("name", "first"u8.ToArray(), target);
        var text = await TextAsync(bed, target, "x-vt-dirent");
        await bed.UnlinkAsync("name", target);
        Assert.False(await bed.ExistsAsync("name", target));
        Assert.Equal(Errno.OK, await SetAsync(bed, target, text));
        Assert.Equal(Errno.EEXIST, (await bed.Files.MakeAsync(Root, target, "name"u8.ToArray(), ModeBits.S_IFREG | 0x1a4, 0)).Error);
        Assert.Equal("first", Encoding.UTF8.GetString(await bed.ReadAsync("target/name")));
        Assert.True(bed.Files.HasDeniedNames(target));
        await bed.UnlinkAsync("name", target);
        Assert.Equal(Errno.OK, await bed.Files.RmdirAsync(NodeId.Root, "target"u8.ToArray()));
    }

    [Fact]
    public async Task What_cannot_be_given_to_a_folder_is_refused_and_leaves_it_as_it_was()
    {
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var source = await MakeTreeAsync(bed, "source");
        var text = await TextAsync(bed, source, "x-vt-dirent");
        var target = await bed.MkdirAsync("target");
        var file = await bed.FindAsync("source/top");
        Assert.Equal(Errno.EPERM, await SetAsync(bed, target, text, new Caller(1000, 1000)));
        Assert.Equal(Errno.ENOTEMPTY, await SetAsync(bed, source, text));
        Assert.Equal(Errno.ENOTDIR, await SetAsync(bed, file, text));
        Assert.Equal(Errno.EINVAL, await SetAsync(bed, NodeId.Root, text) is Errno.ENOTEMPTY or Errno.EINVAL ? Errno.EINVAL : Errno.OK);
        Assert.Equal(Errno.EINVAL, await SetAsync(bed, target, "nonsense"));
        Assert.Equal(Errno.EINVAL, await SetAsync(bed, target, text + "x"));
        Assert.Equal(Errno.EINVAL, await SetAsync(bed, target, await TextAsync(bed, file, "x-vt-dirent")));
        var parsed = Dirent.Parse(text);
        Assert.Equal(Errno.EINVAL, await SetAsync(bed, target, (parsed with { Content = BlockRef.Literal("ab"u8) }).ToString()));
        var missing = BlockRef.Direct(bed.Store.Hasher.Hash("missing"u8), 7);
        Assert.Equal(Errno.ENOENT, await SetAsync(bed, target, (parsed with { Content = missing }).ToString()));
        var content = BlockRef.Parse(await TextAsync(bed, file, "x-vt-block"));
        Assert.Equal(Errno.EIO, await SetAsync(bed, target, (parsed with { Content = BlockRef.Direct(content.Hash, content.Span) }).ToString()));
        Assert.True((await bed.Files.LinkAsync(file, source, "link"u8.ToArray())).Succeeded);
        Assert.Equal(Errno.EOPNOTSUPP, await SetAsync(bed, target, await TextAsync(bed, source, "x-vt-dirent")));
        Assert.Equal(Errno.ENODATA, (await bed.Files.GetxattrAsync(target, "x-vt-cloned"u8.ToArray())).Error);
        Assert.Empty(await NamesAsync(bed, "target"));
        Assert.Equal(Errno.OK, await SetAsync(bed, target, (parsed with { Content = BlockRef.Empty }).ToString()));
        Assert.Empty(await NamesAsync(bed, "target"));
        await bed.UnlinkAsync("link", source);
    }

    [Fact]
    public async Task With_rules_of_what_is_local_it_is_left_to_the_caller()
    {
        await using var bed = new LiveBed { Rules = LocalRules.Parse("-*.o\0"u8) };
        await bed.OpenAsync();
        var source = await MakeTreeAsync(bed, "source");
        Assert.Equal(Errno.EOPNOTSUPP, await SetAsync(bed, await bed.MkdirAsync("target"), await TextAsync(bed, source, "x-vt-dirent")));
        Assert.Equal(Errno.EOPNOTSUPP, await SetAsync(bed, await bed.MkdirAsync("local.o"), await TextAsync(bed, source, "x-vt-dirent")));
    }

    [Fact]
    public async Task Content_counts_towards_the_limit_once_and_makes_room_when_it_goes()
    {
        const int most = 1_000_000;
        await using var bed = new LiveBed { MostContent = most };
        await bed.OpenAsync();
        var source = await bed.MkdirAsync("source");
        await bed.WriteAsync("file", LiveBed.Random(300_000, 1), source);
        await CloneAsync(bed, source, "first");
        Assert.Equal(most - 600_000, bed.Files.Statfs().AvailableBytes);
        await CloneAsync(bed, source, "second");
        await bed.Files.CheckpointAsync();
        Assert.Equal(most - 900_000, bed.Files.Statfs().AvailableBytes);
        var third = await bed.MkdirAsync("third");
        var text = await TextAsync(bed, source, "x-vt-dirent");
        Assert.Equal(Errno.ENOSPC, await SetAsync(bed, third, text));
        await bed.UnlinkAsync("file", await bed.FindAsync("first"));
        Assert.Equal(Errno.OK, await SetAsync(bed, third, text));
        await bed.UnlinkAsync("file", third);
        await bed.UnlinkAsync("file", await bed.FindAsync("second"));
        Assert.Equal(Errno.OK, await SetAsync(bed, third, text));
        await bed.FsyncAsync();
        await bed.KillAsync();
        Assert.Equal(most - 600_000, bed.Files.Statfs().AvailableBytes);
        await bed.Files.CheckpointAsync();
        Assert.Equal(most - 600_000, bed.Files.Statfs().AvailableBytes);
        await bed.CloseAsync();
        await bed.OpenAsync();
        Assert.Equal(most - 600_000, bed.Files.Statfs().AvailableBytes);
    }

    [Fact]
    public async Task Where_nothing_may_change_a_new_folder_can_be_filled_and_no_other()
    {
        await using var bed = new LiveBed { IsAppendOnly = true };
        await bed.OpenAsync();
        var text = await TextAsync(bed, await MakeTreeAsync(bed, "source"), "x-vt-dirent");
        var target = await bed.MkdirAsync("target");
        Assert.Equal(Errno.OK, await SetAsync(bed, target, text));
        Assert.Equal(Errno.ENOTEMPTY, await SetAsync(bed, target, text));
        var empty = await bed.MkdirAsync("empty");
        Assert.Equal(Errno.OK, await SetAsync(bed, empty, (Dirent.Parse(text) with { Content = BlockRef.Empty }).ToString()));
        Assert.Equal(Errno.EPERM, await SetAsync(bed, empty, text));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_is_done_to_trees_and_their_clones_they_are_what_copies_would_be(int seed)
    {
        var random = new Random(seed);
        await using var bed = new LiveBed();
        await bed.OpenAsync();
        var model = new SortedDictionary<string, string?>(StringComparer.Ordinal) { ["d0"] = null };
        await bed.MkdirAsync("d0");
        for (var step = 0; step < 120; step++)
        {
            var folders = model.Where(static at => at.Value is null).Select(static at => at.Key).ToList();
            var files = model.Where(static at => at.Value is not null).Select(static at => at.Key).ToList();
            var folder = folders[random.Next(folders.Count)];
            var path = $"{(random.Next(4) == 0 ? "" : folder + "/")}{(random.Next(3) == 0 ? 'd' : 'n')}{random.Next(12)}";
            var (above, name) = (path.Contains('/', StringComparison.Ordinal) ? await bed.FindAsync(path[..path.LastIndexOf('/')]) : NodeId.Root, path[(path.LastIndexOf('/') + 1)..]);
            var isFree = !model.ContainsKey(path);
            switch (random.Next(8))
            {
                case 0 or 1 when isFree:
                    model[path] = $"content {step}" + new string('x', random.Next(300));
                    await bed.WriteAsync(name, LiveBed.Bytes(model[path]!), above);
                    break;
                case 2 when isFree:
                    model[path] = null;
                    await bed.MkdirAsync(name, above);
                    break;
                case 3 when isFree && !$"{path}/".StartsWith($"{folder}/", StringComparison.Ordinal) && model.Count < 400:
                    await CloneAsync(bed, await bed.FindAsync(folder), name, above);
                    foreach (var (from, content) in model.Where(at => at.Key == folder || at.Key.StartsWith($"{folder}/", StringComparison.Ordinal)).ToList())
                        model[path + from[folder.Length..]] = content;
                    break;
                case 4 when files.Count > 0:
                    var changed = files[random.Next(files.Count)];
                    model[changed] = $"other {step}";
                    Assert.True((await bed.Files.SetattrAsync(await bed.FindAsync(changed), new StatusChange { Size = 0 })).Succeeded);
                    await bed.WriteAsync(await bed.FindAsync(changed), 0, LiveBed.Bytes(model[changed]!));
                    break;
                case 5 when files.Count > 0:
                    var removed = files[random.Next(files.Count)];
                    model.Remove(removed);
                    await bed.UnlinkAsync(removed[(removed.LastIndexOf('/') + 1)..], removed.Contains('/', StringComparison.Ordinal) ? await bed.FindAsync(removed[..removed.LastIndexOf('/')]) : NodeId.Root);
                    break;
                case 6 when isFree && !$"{path}/".StartsWith($"{folder}/", StringComparison.Ordinal):
                    var moved = model.Where(at => at.Key == folder || at.Key.StartsWith($"{folder}/", StringComparison.Ordinal)).ToList();
                    await bed.RenameAsync(folder[(folder.LastIndexOf('/') + 1)..], name, folder.Contains('/', StringComparison.Ordinal) ? await bed.FindAsync(folder[..folder.LastIndexOf('/')]) : NodeId.Root, above);
                    moved.ForEach(at => model.Remove(at.Key));
                    moved.ForEach(at => model[path + at.Key[folder.Length..]] = at.Value);
                    if (!model.ContainsValue(null))
                        return;
                    break;
                case 7 when random.Next(4) == 0:
                    await bed.FsyncAsync();
                    await bed.KillAsync();
                    break;
                case 7:
                    await bed.Files.CheckpointAsync();
                    break;
            }
        }

        for (var life = 0; life < 2; life++)
        {
            Assert.Equal(model.Select(static at => (at.Key, at.Value)), (await ListAsync(bed, "")).Select(static at => (at.Path, at.Content)));
            await CheckNumbersAsync(bed);
            await bed.FsyncAsync();
            await bed.KillAsync();
            await bed.Files.CheckpointAsync();
        }
    }

    static async Task<NodeId> MakeTreeAsync(LiveBed bed, string name)
    {
        var tree = await bed.MkdirAsync(name);
        var sub = await bed.MkdirAsync("sub", tree);
        await bed.MkdirAsync("empty", tree);
        await bed.WriteAsync("top", LiveBed.Random(10_000, 1), tree);
        for (var i = 1; i <= 5; i++)
            await bed.WriteAsync($"{i}", LiveBed.Bytes($"content {i}" + new string('.', 169)), sub);
        await bed.Files.SymlinkAsync(Root, sub, "link"u8.ToArray(), "5"u8.ToArray());
        return tree;
    }

    static async Task<NodeId> CloneAsync(LiveBed bed, NodeId source, string name, NodeId? above = null)
    {
        var text = await TextAsync(bed, source, "x-vt-dirent");
        var clone = await bed.MkdirAsync(name, above);
        Assert.Equal(Errno.OK, await SetAsync(bed, clone, text));
        return clone;
    }

    static async Task<string> TextAsync(LiveBed bed, NodeId node, string attribute) =>
        Encoding.ASCII.GetString(LiveBed.Value(await bed.Files.GetxattrAsync(node, LiveBed.Bytes(attribute))).Span);

    static async Task<Errno> SetAsync(LiveBed bed, NodeId folder, string text, Caller? caller = null) =>
        await bed.Files.SetxattrAsync(caller ?? Root, folder, "x-vt-dirent"u8.ToArray(), LiveBed.Bytes(text), false, false, false);

    static async Task<List<string>> NamesAsync(LiveBed bed, string path)
    {
        var folder = path.Length == 0 ? NodeId.Root : await bed.FindAsync(path);
        var listing = LiveBed.Value(bed.Files.OpenDirectory(folder));
        var names = new List<string>();
        for (var position = 0ul; ;)
        {
            Assert.Equal(Errno.OK, await bed.Files.PrepareAsync(folder, listing, position, 100));
            if (position < 2)
                position = 2;
            while (listing.Next(ref position, out var entry) is var step)
            {
                if (step == ListingStep.End)
                    return names;
                if (step == ListingStep.Unprepared)
                    break;
                names.Add(Encoding.UTF8.GetString(entry.Name.Span));
            }
        }
    }

    // Everything below, in order, with files' contents.
    static async Task<List<(string Path, string? Content)>> ListAsync(LiveBed bed, string path)
    {
        var found = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        var open = new Stack<string>([""]);
        while (open.TryPop(out var at))
        {
            var folder = Join(path, at);
            foreach (var name in await NamesAsync(bed, folder))
            {
                var below = Join(at, name);
                var kind = LiveBed.Value(await bed.Files.GetattrAsync(await bed.FindAsync(Join(folder, name)))).Mode & ModeBits.S_IFMT;
                if (kind == ModeBits.S_IFDIR)
                    open.Push(below);
                found[below] = kind == ModeBits.S_IFREG ? Encoding.UTF8.GetString(await bed.ReadAsync(Join(folder, name))) : kind == ModeBits.S_IFDIR ? null : "link";
            }
        }

        return [.. found.Select(static at => (at.Key, at.Value))];
    }

    static string Join(string above, string name) => above.Length == 0 ? name : name.Length == 0 ? above : $"{above}/{name}";

    // No two inodes have one number.
    static async Task CheckNumbersAsync(LiveBed bed)
    {
        var numbers = new HashSet<ulong>();
        foreach (var (path, _) in await ListAsync(bed, ""))
            Assert.True(numbers.Add(LiveBed.Value(await bed.Files.GetattrAsync(await bed.FindAsync(path))).Number), path);
    }
}
