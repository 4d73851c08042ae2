using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;
using Vt.Trees.Meta;

namespace Vt.Tests.Import;

public sealed class ImporterTests : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    readonly MemoryStore _store = new();
    readonly List<ImportIssue> _issues = [];

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        await _store.DisposeAsync();
    }

    ValueTask<ImportResult> ImportAsync(string source, Dirent? previous = null, ImportOptions? options = null, string path = "") =>
        new Importer(_store).ImportAsync(
            Encoding.UTF8.GetBytes(source), previous, Encoding.UTF8.GetBytes(path), (options ?? new ImportOptions()) with { OnIssue = _issues.Add });

    ValueTask<Dirent?> FindAsync(Dirent root, string path) =>
        TreePath.ResolveAsync(new DirectoryReader(_store, new DirectoryNodeCache()), root, Encoding.UTF8.GetBytes(path));

    [Fact]
    public async Task An_unchanged_tree_gives_the_same_root_with_and_without_its_previous_state()
    {
        var source = _folder.Make("source");
        new TreeGenerator(1, 0.3).Make(source);
        var first = await ImportAsync(source);
        var counters = new ImportCounters();
        var second = await ImportAsync(source, first.Root, new ImportOptions { Counters = counters });
        var reread = await ImportAsync(source, first.Root, new ImportOptions { RereadAll = true });
        var afresh = await ImportAsync(source);
        Assert.Equal(first.Root, second.Root);
        Assert.Equal(first.Root, reread.Root);
        Assert.Equal(first.Root, afresh.Root);
        Assert.Equal(0, counters.FilesRead);
        Assert.Equal(0, second.Blocks.NewBlocks);
        Assert.Empty(_issues);
        Assert.False(first.IsPartial);
    }

    [Fact]
    public async Task A_change_gives_the_root_of_a_fresh_import_and_adds_little()
    {
        var source = _folder.Make("source");
        new TreeGenerator(2, 0.3).Make(source);
        var first = await ImportAsync(source);
        File.AppendAllText(Path.Combine(source, "many", "entry-000001"), "more");
        File.Delete(Path.Combine(source, "many", "entry-000002"));
        File.WriteAllText(Path.Combine(source, "many", "new"), "new");
        File.Delete(Path.Combine(source, "links", "second"));
        var counters = new ImportCounters();
        var options = new ImportOptions { Delete = true, Counters = counters };
        var second = await ImportAsync(source, first.Root, options);
        var afresh = await ImportAsync(source);
        Assert.Equal(afresh.Root, second.Root);

        // The two files, and the hard links whose change time moved.
        Assert.InRange(counters.FilesRead, 2, 4);
        Assert.InRange(second.Blocks.NewBlocks, 1, 20);
        Assert.Equal(0, afresh.Blocks.NewBlocks);
    }

    [Fact]
    public async Task Names_that_are_gone_stay_unless_they_are_to_be_deleted()
    {
        var source = _folder.Make("source");
        Directory.CreateDirectory(Path.Combine(source, "kept"));
        File.WriteAllText(Path.Combine(source, "kept", "a"), "a");
        File.WriteAllText(Path.Combine(source, "b"), "b");
        var first = await ImportAsync(source);
        Directory.Delete(Path.Combine(source, "kept"), recursive: true);
        File.Delete(Path.Combine(source, "b"));
        File.WriteAllText(Path.Combine(source, "c"), "c");
        var merged = await ImportAsync(source, first.Root);
        Assert.NotNull(await FindAsync(merged.Root, "kept/a"));
        Assert.NotNull(await FindAsync(merged.Root, "b"));
        Assert.NotNull(await FindAsync(merged.Root, "c"));
        var mirrored = await ImportAsync(source, merged.Root, new ImportOptions { Delete = true });
        Assert.Null(await FindAsync(mirrored.Root, "kept"));
        Assert.Null(await FindAsync(mirrored.Root, "b"));
        Assert.NotNull(await FindAsync(mirrored.Root, "c"));
    }

    [Fact]
    public async Task Hard_links_are_counted_as_their_names_come_and_go()
    {
        var source = _folder.Make("source");
        File.WriteAllText(Path.Combine(source, "a"), "content");
        PosixFile.Link(Bytes(source, "a"), Bytes(source, "b"));
        Directory.CreateDirectory(Path.Combine(source, "d"));
        PosixFile.Link(Bytes(source, "a"), Bytes(source, "d/c"));
        var first = await ImportAsync(source);
        Assert.Equal(3u, (await FindAsync(first.Root, "a"))!.Metadata.LinkCount);
        Directory.Delete(Path.Combine(source, "d"), recursive: true);
        var merged = await ImportAsync(source, first.Root);
        Assert.Equal(3u, (await FindAsync(merged.Root, "d/c"))!.Metadata.LinkCount);
        var mirrored = await ImportAsync(source, merged.Root, new ImportOptions { Delete = true });
        Assert.Equal(2u, (await FindAsync(mirrored.Root, "b"))!.Metadata.LinkCount);
        File.Delete(Path.Combine(source, "a"));
        File.Delete(Path.Combine(source, "b"));
        var none = await ImportAsync(source, mirrored.Root, new ImportOptions { Delete = true });
        Assert.Equal(0, none.Root.Inodes.Span);
    }

    [Fact]
    public async Task An_import_goes_below_a_path_and_leaves_the_rest_alone()
    {
        var source = _folder.Make("source");
        File.WriteAllText(Path.Combine(source, "a"), "a");
        var first = await ImportAsync(source);
        var second = await ImportAsync(source, first.Root, path: "x/y");
        Assert.NotNull(await FindAsync(second.Root, "a"));
        Assert.NotNull(await FindAsync(second.Root, "x/y/a"));
        var third = await ImportAsync(Path.Combine(source, "a"), second.Root, path: "x/file");
        Assert.Equal(DirentKind.File, (await FindAsync(third.Root, "x/file"))!.Kind);
        Assert.NotNull(await FindAsync(third.Root, "x/y/a"));
        await Assert.ThrowsAsync<UserErrorException>(async () => await ImportAsync(source, third.Root, path: "a/b"));
    }

    [Fact]
    public async Task What_the_filter_leaves_out_is_not_taken_and_is_protected()
    {
        var source = _folder.Make("source");
        Directory.CreateDirectory(Path.Combine(source, "out"));
        File.WriteAllText(Path.Combine(source, "out", "x.o"), "o");
        File.WriteAllText(Path.Combine(source, "x.c"), "c");
        var all = await ImportAsync(source);
        var filter = new FilterRules();
        filter.Exclude("out/"u8.ToArray());
        filter.Exclude("*.o"u8.ToArray());
        var some = await ImportAsync(source, options: new ImportOptions { Filter = filter });
        Assert.Null(await FindAsync(some.Root, "out"));
        Assert.NotNull(await FindAsync(some.Root, "x.c"));
        var kept = await ImportAsync(source, all.Root, new ImportOptions { Filter = filter, Delete = true });
        Assert.NotNull(await FindAsync(kept.Root, "out/x.o"));
        var gone = await ImportAsync(source, all.Root, new ImportOptions { Filter = filter, Delete = true, DeleteExcluded = true });
        Assert.Equal(some.Root, gone.Root);
    }

    [Fact]
    public async Task A_skipped_folder_is_not_entered_and_is_reported()
    {
        var source = _folder.Make("source");
        Directory.CreateDirectory(Path.Combine(source, "store"));
        File.WriteAllText(Path.Combine(source, "store", "pack"), "p");
        var result = await ImportAsync(source, options: new ImportOptions { SkippedDirectories = [Path.Combine(source, "store")] });
        Assert.Null(await FindAsync(result.Root, "store"));
        Assert.Equal(ImportIssueKind.Skipped, Assert.Single(_issues).Kind);
        Assert.False(result.IsPartial);
    }

    [Fact]
    public async Task A_file_that_gets_longer_and_shorter_keeps_its_links_to_nothing()
    {
        var source = _folder.Make("source");
        var path = Path.Combine(source, "f");
        File.WriteAllBytes(path, new byte[3 << 20]);
        var first = await ImportAsync(source);
        File.WriteAllText(path, "short");
        var second = await ImportAsync(source, first.Root);
        Assert.Equal(5, (await FindAsync(second.Root, "f"))!.Size);
        Assert.Equal((await ImportAsync(source)).Root, second.Root);
    }

    [Fact]
    public async Task Names_of_a_kind_that_changed_are_replaced()
    {
        var source = _folder.Make("source");
        File.WriteAllText(Path.Combine(source, "x"), "file");
        Directory.CreateDirectory(Path.Combine(source, "y"));
        File.WriteAllText(Path.Combine(source, "y", "z"), "file");
        var first = await ImportAsync(source);
        File.Delete(Path.Combine(source, "x"));
        Directory.CreateDirectory(Path.Combine(source, "x"));
        Directory.Delete(Path.Combine(source, "y"), recursive: true);
        File.CreateSymbolicLink(Path.Combine(source, "y"), "x");
        var second = await ImportAsync(source, first.Root, new ImportOptions { Delete = true });
        Assert.Equal((await ImportAsync(source)).Root, second.Root);
    }

    [Fact]
    public async Task A_cancelled_import_ends_without_a_root_and_can_be_done_again()
    {
        var source = _folder.Make("source");
        new TreeGenerator(3, 0.2).Make(source);
        using var stop = new CancellationTokenSource();
        var store = new StoreThatStops(_store, stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await new Importer(store).ImportAsync(Encoding.UTF8.GetBytes(source), cancellationToken: stop.Token));
        var again = await ImportAsync(source);
        Assert.Empty(_issues);
        Assert.True(again.Root.Content.Span > 0);
    }

    [Fact]
    public async Task A_store_that_fails_ends_the_import_with_its_own_failure()
    {
        var source = _folder.Make("source");
        new TreeGenerator(4, 0.2).Make(source);
        await Assert.ThrowsAsync<StoreFullException>(async () =>
            await new Importer(new StoreThatStops(_store, null)).ImportAsync(Encoding.UTF8.GetBytes(source)));
    }

    [Fact]
    public async Task A_directory_of_many_names_is_merged_in_parts()
    {
        var source = _folder.Make("source");
        for (var i = 0; i < 40_000; i++)
            PosixFile.Symlink("t"u8, Bytes(source, $"{i}"));
        var first = await ImportAsync(source);
        for (var i = 0; i < 40_000; i += 2)
            PosixFile.Unlink(Bytes(source, $"{i}"));
        for (var i = 40_000; i < 60_000; i++)
            PosixFile.Symlink("u"u8, Bytes(source, $"{i}"));
        var second = await ImportAsync(source, first.Root, new ImportOptions { Delete = true });
        Assert.Equal((await ImportAsync(source)).Root, second.Root);
    }

    [Fact]
    public async Task Folders_above_what_is_imported_count_their_folders_and_get_the_time_when_a_name_comes()
    {
        var source = _folder.Make("source");
        _folder.Make("source/a");
        _folder.Write("source/file", "one");
        var clock = new FakeClock();
        var moment = clock.GetUtcNow();
        var options = new ImportOptions { Clock = clock };
        async Task<Metadata> Of(Dirent root, string path) => (await FindAsync(root, path))!.Metadata;

        var first = await ImportAsync(source, null, options, "x/y");
        Assert.Equal((3u, Timestamp.From(moment)), ((await Of(first.Root, "")).LinkCount, (await Of(first.Root, "")).ModificationTime));
        Assert.Equal((3u, Timestamp.From(moment)), ((await Of(first.Root, "x")).LinkCount, (await Of(first.Root, "x")).ModificationTime));
        Assert.Equal(3u, (await Of(first.Root, "x/y")).LinkCount);

        // Nothing has changed, or only something deep below.
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(first.Root, (await ImportAsync(source, first.Root, options, "x/y")).Root);
        _folder.Write("source/file", "another");
        var second = await ImportAsync(source, first.Root, options, "x/y");
        Assert.NotEqual(first.Root, second.Root);
        Assert.Equal(await Of(first.Root, "x"), await Of(second.Root, "x"));

        // A name comes: a folder, a file, another kind of thing.
        var third = await ImportAsync(source, second.Root, options, "x/z");
        Assert.Equal((4u, Timestamp.From(clock.GetUtcNow())), ((await Of(third.Root, "x")).LinkCount, (await Of(third.Root, "x")).ChangeTime));
        Assert.Equal(await Of(second.Root, ""), await Of(third.Root, ""));
        clock.Advance(TimeSpan.FromDays(1));
        var fourth = await ImportAsync(_folder["source/file"], third.Root, options, "x/z");
        Assert.Equal((3u, Timestamp.From(clock.GetUtcNow())), ((await Of(fourth.Root, "x")).LinkCount, (await Of(fourth.Root, "x")).ModificationTime));
    }

    static byte[] Bytes(string folder, string name) => Encoding.UTF8.GetBytes(Path.Combine(folder, name));

    /// <summary>Cancels, or is full, when the third batch comes.</summary>
    sealed class StoreThatStops(IBlockStore inner, CancellationTokenSource? stop) : DelegatingStore(inner)
    {
        int _adds;

        public override string Description => "stopping";

        public override ValueTask<AddCounts> AddManyAsync(
            ReadOnlyMemory<byte> buffer, ReadOnlyMemory<BlockSlot> blocks, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _adds) == 3)
            {
                if (stop is null)
                    throw new StoreFullException(Description, "no room");
                stop.Cancel();
            }

            cancellationToken.ThrowIfCancellationRequested();
            return base.AddManyAsync(buffer, blocks, cancellationToken);
        }
    }
}
