using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Tests.Support;
using Vt.Trees.Dirents;

namespace Vt.Tests.Files.Live;

/// <summary>Open trees that become other ones, or other archives.</summary>
public sealed class TurnTests
{
    [Fact]
    public async Task An_open_tree_that_has_become_another_is_that_one_whatever_is_in_memory()
    {
        for (var seed = 1; seed <= 25; seed++)
        {
            await using var live = await LiveFiles.OpenAsync();
            var random = new Random(seed);
            var known = new List<(Dirent Root, List<string> Lines)>();
            for (var round = 0; round < 4; round++)
            {
                await ChangeAsync(live, random, 25);
                known.Add(await SnapshotAsync(live));
                if (random.Next(2) == 0)
                    await live.ReopenAsync();
            }

            for (var round = 0; round < 12; round++)
            {
                await LookAtSomeAsync(live, random);
                if (random.Next(3) == 0)
                    await ChangeAsync(live, random, 6);
                var (root, lines) = known[random.Next(known.Count)];
                await live.TurnAsync(new ArchiveTurn(live.ArchivePath, root, null));
                Assert.Equal(lines, await live.DescribeAsync());
                if (random.Next(2) == 0)
                {
                    await ChangeAsync(live, random, 10);
                    known.Add(await SnapshotAsync(live));
                    await ChangeAsync(live, random, 5);
                }

                var now = await live.DescribeAsync();
                if (random.Next(3) == 0)
                    await live.CrashAsync();
                else if (random.Next(3) == 0)
                    await live.ReopenAsync();
                Assert.Equal(now, await live.DescribeAsync());
            }
        }
    }

    [Fact]
    public async Task Branches_that_take_turns_keep_what_each_had()
    {
        for (var seed = 1; seed <= 15; seed++)
        {
            await using var live = await LiveFiles.OpenAsync();
            var random = new Random(seed);
            var trees = new Dictionary<string, List<string>>();
            await ChangeAsync(live, random, 25);
            await live.CheckpointAsync();
            var common = live.States()[0].Root;
            trees["a"] = await live.DescribeAsync();
            await OtherAsync(live, "b", common);
            await OtherAsync(live, "c", common);
            trees["b"] = trees["c"] = trees["a"];
            for (var round = 0; round < 12; round++)
            {
                await ChangeAsync(live, random, 8);
                trees[live.Name] = await live.DescribeAsync();
                var next = "abc"[random.Next(3)].ToString();
                if (next != live.Name)
                    await live.TurnAsync(new ArchiveTurn(live.PathOf(next), null, null));
                Assert.Equal(trees[live.Name], await live.DescribeAsync());
                Assert.Equal([Path.GetFileName(live.ArchivePath) + LiveArchive.StateFolderExtension], Directory.GetDirectories(live.Folder).Select(Path.GetFileName));
                if (random.Next(3) == 0)
                    await live.CrashAsync();
            }

            foreach (var (name, lines) in trees)
            {
                live.Name = name;
                await live.ReopenAsync();
                Assert.Equal(lines, await live.DescribeAsync());
            }
        }
    }

    [Fact]
    public async Task A_crash_in_the_midst_of_changing_archives_leaves_both_whole()
    {
        using var copies = new TempFolder(inMemory: true);
        await using var live = await LiveFiles.OpenAsync();
        await live.WriteAsync("file", "common");
        await live.MkdirAsync("folder");
        await live.CheckpointAsync();
        await OtherAsync(live, "b", live.States()[0].Root);
        var copier = new Copier(live, copies);
        await live.ReopenAsync();
        await live.WriteAsync("folder/kept", "a's own");
        Assert.Equal(Errno.OK, await live.Files.FsyncAsync(NodeId.Root));
        var mine = await live.DescribeAsync();
        copier.IsCopying = true;
        await live.TurnAsync(new ArchiveTurn(live.PathOf("b"), null, null));
        copier.IsCopying = false;
        var others = await live.DescribeAsync();
        live.Options = live.Options with { Boundary = new WriteBoundary(null) };
        Assert.InRange(copier.Count, 10, 200);
        for (var i = 0; i < copier.Count; i++)
        {
            foreach (var (first, second) in new[] { ("a", "b"), ("b", "a") })
            {
                foreach (var name in new[] { first, second })
                {
                    live.Name = name;
                    if (name == first)
                        await live.ReplaceAsync(copies[$"{i}"]);
                    else
                        await live.ReopenAsync();
                    Assert.Equal(name == "a" ? mine : others, await live.DescribeAsync());
                    await live.WriteAsync("later", "x");
                    await live.UnlinkAsync("later");
                    Assert.Equal(Errno.OK, await live.SetattrAsync("", new StatusChange { Modified = default(Vt.Trees.Meta.Timestamp) }));
                    if (name == first)
                        await live.Files.CheckpointAsync();
                }
            }
        }
    }

    [Fact]
    public async Task A_crash_in_the_midst_of_becoming_another_tree_leaves_the_old_one_or_the_new_one()
    {
        using var copies = new TempFolder(inMemory: true);
        await using var live = await LiveFiles.OpenAsync();
        await live.WriteAsync("file", "target");
        await live.CheckpointAsync();
        var target = live.States()[0].Root;
        var after = await live.DescribeAsync();
        var copier = new Copier(live, copies);
        await live.ReopenAsync();
        await live.WriteAsync("file", "changed");
        await live.WriteAsync("new", LiveBed.Random(100_000, 1));
        Assert.Equal(Errno.OK, await live.Files.FsyncAsync(NodeId.Root));
        var before = await live.DescribeAsync();
        copier.IsCopying = true;
        await live.TurnAsync(new ArchiveTurn(live.ArchivePath, target, null));
        copier.IsCopying = false;
        Assert.Equal(after, await live.DescribeAsync());
        await live.WriteAsync("later", "x");
        Assert.Equal(Errno.OK, await live.Files.FsyncAsync(NodeId.Root));
        var later = await live.DescribeAsync();
        live.CopyTo(copies["last"]);
        live.Options = live.Options with { Boundary = new WriteBoundary(null) };
        Assert.InRange(copier.Count, 6, 200);
        var isNew = false;
        for (var i = 0; i < copier.Count; i++)
        {
            await live.ReplaceAsync(copies[$"{i}"]);
            var found = await live.DescribeAsync();
            Assert.True(found.SequenceEqual(before) || found.SequenceEqual(after), $"at boundary {i}");

            // Once it is the new one it stays that.
            isNew |= found.SequenceEqual(after);
            Assert.Equal(isNew, found.SequenceEqual(after));
        }

        await live.ReplaceAsync(copies["last"]);
        Assert.Equal(later, await live.DescribeAsync());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task A_disk_that_fails_in_the_midst_leaves_a_tree_that_goes_on_or_takes_nothing_more(string name)
    {
        using var copies = new TempFolder(inMemory: true);
        var (outcomes, isThrough) = (new HashSet<(bool GoesOn, bool IsNew)>(), false);
        for (var failing = 1; !isThrough; failing++)
        {
            await using var live = await LiveFiles.OpenAsync();
            await live.WriteAsync("file", "target");
            await live.CheckpointAsync();
            var target = live.States()[0].Root;
            var after = await live.DescribeAsync();
            await OtherAsync(live, "b", target);
            var left = 0;
            live.Options = live.Options with
            {
                Boundary = new WriteBoundary((_, path, _) =>
                {
                    if (Interlocked.Decrement(ref left) == 0)
                        throw new IOException($"{path}: the disk fails");
                }),
            };
            await live.ReopenAsync();
            await live.WriteAsync("file", "changed");
            await live.CheckpointAsync();
            var before = await live.DescribeAsync();
            left = failing;
            try
            {
                // Something else may have written meanwhile, and met the failure.
                isThrough = (await live.Archive.TurnAsync(new ArchiveTurn(live.PathOf(name), name == "a" ? target : null, null))).Succeeded && Volatile.Read(ref left) > 0;
            }
            catch (IOException)
            {
                // Which of the two it is then is looked at below.
            }

            left = 0;
            var goesOn = await live.Files.FsyncAsync(NodeId.Root) == Errno.OK && (await live.Files.MakeAsync(LiveFiles.Root, NodeId.Root, "later"u8.ToArray(), ModeBits.S_IFREG | 0x1a4, 0)).Succeeded
                && await live.Files.FsyncAsync(NodeId.Root) == Errno.OK;
            live.Name = Path.GetFileNameWithoutExtension(live.Archive.ArchivePath);
            var kept = goesOn ? await live.DescribeAsync() : [];
            live.Options = live.Options with { Boundary = new WriteBoundary(null) };
            live.CopyTo(copies[$"{failing}"]);
            await live.ReplaceAsync(copies[$"{failing}"]);
            var found = await live.DescribeAsync();
            if (goesOn)
                Assert.Equal(kept, found);
            else
                Assert.True(found.SequenceEqual(before) || found.SequenceEqual(after), $"at boundary {failing}");
            outcomes.Add((goesOn, await live.ReadAsync("file") == "target"));
        }

        Assert.Contains((true, true), outcomes);
        Assert.Contains(outcomes, static outcome => !outcome.GoesOn);
    }

    [Fact]
    public async Task Who_has_a_file_open_goes_on_reading_what_it_was()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.MkdirAsync("d");
        var same = await live.WriteAsync("d/same", "same");
        var changed = await live.WriteAsync("d/changed", "before");
        var gone = await live.WriteAsync("gone", "gone");
        await live.CheckpointAsync();
        var before = live.States()[0].Root;
        await live.WriteAsync("d/changed", "AFTER!");
        await live.UnlinkAsync("gone");
        await live.WriteAsync("new", "new");
        await live.CheckpointAsync();
        var after = live.States()[0].Root;
        await live.TurnAsync(new ArchiveTurn(live.ArchivePath, before, after));
        Assert.Equal("gone", await live.ReadAsync("gone"));
        gone = await live.NodeAsync("gone");
        var (folder, appeared) = (await live.NodeAsync("d"), await live.FindAsync("new"));
        Assert.Equal(Errno.ENOENT, appeared.Error);
        changed = await live.NodeAsync("d/changed");

        var notices = await live.TurnAsync(new ArchiveTurn(live.ArchivePath, after, before));
        Assert.Equal("before", System.Text.Encoding.UTF8.GetString(await live.ReadAsync(changed)));
        Assert.Equal("gone", System.Text.Encoding.UTF8.GetString(await live.ReadAsync(gone)));
        Assert.Equal(0u, (await live.Files.GetattrAsync(gone)).Value.Links);
        Assert.Equal(same, await live.NodeAsync("d/same"));
        Assert.Equal(folder, await live.NodeAsync("d"));
        Assert.Equal("AFTER!", await live.ReadAsync("d/changed"));
        Assert.NotEqual(changed, await live.NodeAsync("d/changed"));
        Assert.Equal("new", await live.ReadAsync("new"));
        Assert.Contains(notices, notice => notice.Node == folder && notice.Name is null);
        Assert.Contains(notices, notice => notice.Node == folder && notice.Name is not null && notice.Name.AsSpan().SequenceEqual("changed"u8));
        Assert.Contains(notices, static notice => notice.Node == NodeId.Root && notice.Name is not null && notice.Name.AsSpan().SequenceEqual("new"u8));
        Assert.DoesNotContain(notices, static notice => notice.Name is not null && notice.Name.AsSpan().SequenceEqual("same"u8));

        // What is written to it is in no tree.
        await live.WriteAsync(changed, 0, "lost"u8.ToArray());
        await live.ReopenAsync();
        Assert.Equal("AFTER!", await live.ReadAsync("d/changed"));
    }

    [Fact]
    public async Task What_can_not_be_is_refused_and_changes_nothing()
    {
        await using var live = await LiveFiles.OpenAsync();
        await live.WriteAsync("file", "one");
        await live.CheckpointAsync();
        var one = live.States()[0].Root;
        await live.WriteAsync("file", "two");
        await OtherAsync(live, "b", one);
        var lines = await live.DescribeAsync();
        var missing = one with { Content = Vt.Blocks.BlockTree.BlockRef.Direct(live.Store.Hasher.Hash("nothing"u8), one.Content.Span) };
        foreach (var (turn, error) in new[]
        {
            (new ArchiveTurn(live.ArchivePath, one, one), Errno.EAGAIN),
            (new ArchiveTurn(live.ArchivePath, missing, null), Errno.ENOENT),
            (new ArchiveTurn(live.ArchivePath, null, null), Errno.EINVAL),
            (new ArchiveTurn(live.PathOf("b"), one, null), Errno.EINVAL),
            (new ArchiveTurn(live.PathOf("nothing"), null, null), Errno.ENOENT),
        })
        {
            Assert.Equal(error, (await live.Archive.TurnAsync(turn)).Error);
            Assert.Equal(lines, await live.DescribeAsync());
        }

        var other = await LiveArchive.OpenAsync(live.Store, live.PathOf("b"), null, live.Options);
        Assert.Equal(Errno.EBUSY, (await live.Archive.TurnAsync(new ArchiveTurn(live.PathOf("b"), null, null))).Error);
        await other.DisposeAsync();
        live.Options = live.Options with { Rules = LocalRules.None.With("*.tmp"u8, true) };
        await live.ReopenAsync();
        await live.WriteAsync("a.tmp", "local");
        Assert.Equal(Errno.EOPNOTSUPP, (await live.Archive.TurnAsync(new ArchiveTurn(live.PathOf("b"), null, null))).Error);
        await live.UnlinkAsync("a.tmp");
        live.Options = live.Options with { Rules = null, IsAppendOnly = true };
        await live.ReopenAsync();
        Assert.Equal(Errno.EPERM, (await live.Archive.TurnAsync(new ArchiveTurn(live.PathOf("b"), null, null))).Error);
    }

    static async Task OtherAsync(LiveFiles live, string name, Dirent root) =>
        await new Vt.Trees.Archives.ArchiveFile(live.PathOf(name), TimeProvider.System).AppendAsync(root, live.Store as IRefStore);

    static async Task<(Dirent Root, List<string> Lines)> SnapshotAsync(LiveFiles live)
    {
        await live.CheckpointAsync();
        return (live.States()[0].Root, await live.DescribeAsync());
    }

    // Each stays in memory for good: nobody gives its lookup back.
    static async Task LookAtSomeAsync(LiveFiles live, Random random)
    {
        foreach (var path in await PathsAsync(live, ""))
        {
            if (random.Next(3) == 0)
                await live.NodeAsync(path);
        }

        await live.FindAsync("no/such");
        await live.FindAsync($"f{random.Next(8)}");
    }

    static async Task ChangeAsync(LiveFiles live, Random random, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (await PathsAsync(live, "") is not { Count: > 0 } paths)
            {
                await live.WriteAsync("f0", "first");
                continue;
            }

            var folders = new List<string> { "" };
            foreach (var path in paths)
            {
                if (((await live.StatAsync(path)).Mode & ModeBits.S_IFMT) == ModeBits.S_IFDIR)
                    folders.Add(path + "/");
            }

            var (some, place) = (paths[random.Next(paths.Count)], $"{folders[random.Next(folders.Count)]}f{random.Next(8)}");
            switch (random.Next(9))
            {
                case 0 or 1 when !(await live.FindAsync(place)).Succeeded:
                    await live.WriteAsync(place, LiveBed.Random(random.Next(1, 30_000), random.Next()));
                    break;
                case 2 when !(await live.FindAsync(place)).Succeeded && place.Count(static c => c == '/') < 3:
                    await live.MkdirAsync(place);
                    break;
                case 3:
                    await live.LinkAsync(some, place);
                    break;
                case 4:
                    await live.UnlinkAsync(some);
                    await live.RmdirAsync(some);
                    break;
                case 5:
                    await live.RenameAsync(some, place);
                    break;
                case 6:
                    await live.SetattrAsync(some, new StatusChange { Mode = (uint)random.Next(0x200) });
                    break;
                case 7:
                    await live.SetxattrAsync(some, $"user.{random.Next(3)}", LiveBed.Random(random.Next(1, 400), random.Next()));
                    break;
                case 8 when !folders.Contains(some + "/") && ((await live.FindAsync(some)) is { Succeeded: true } file):
                    await live.WriteAsync(file.Value.Node, random.Next(5000), LiveBed.Random(random.Next(1, 3000), random.Next()));
                    break;
            }
        }
    }

    static async Task<List<string>> PathsAsync(LiveFiles live, string path)
    {
        var paths = new List<string>();
        foreach (var name in await live.ListAsync(path))
        {
            var below = path.Length == 0 ? name : $"{path}/{name}";
            paths.Add(below);
            if (((await live.StatAsync(below)).Mode & ModeBits.S_IFMT) == ModeBits.S_IFDIR)
                paths.AddRange(await PathsAsync(live, below));
        }

        return paths;
    }

    /// <summary>Copies the files of what is opened next at each boundary that is crossed meanwhile.</summary>
    sealed class Copier
    {
        readonly Lock _crossing = new(); // guards _count
        volatile bool _isCopying;

        public Copier(LiveFiles live, TempFolder copies) => live.Options = live.Options with
        {
            Boundary = new WriteBoundary((_, _, _) =>
            {
                lock (_crossing)
                {
                    if (_isCopying)
                        live.CopyTo(copies[$"{Count++}"]);
                }
            }),
        };

        public int Count { get; private set; }

        public bool IsCopying
        {
            get => _isCopying;
            set => _isCopying = value;
        }
    }
}
