using System.Text;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Export;

namespace Vt.Tests.Platonic;

/// <summary>Scans: the tree that they give, and what is left of them when they are interrupted.</summary>
public sealed class ScanTests : IDisposable
{
    readonly PlatonicBed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task A_scan_gives_the_root_that_an_import_gives_and_every_file_back()
    {
        new TreeGenerator(1, 0.3).Make(_bed.Files);
        var scanned = await _bed.ScanAsync();
        Assert.Equal(await _bed.ImportAsync(), scanned.Root);
        Assert.NotNull(scanned.State);
        Assert.False(scanned.IsPartial);
        await using var store = await _bed.OpenAsync(isReadOnly: true);
        await new Exporter(store).ExportAsync(scanned.Root, scanned.Root.Inodes, Encoding.UTF8.GetBytes(_bed.Elsewhere("out")));
        Assert.Empty(TreeComparer.Compare(_bed.Files, _bed.Elsewhere("out")));
    }

    [Fact]
    public async Task An_unchanged_folder_adds_no_state_and_reads_nothing()
    {
        new TreeGenerator(2, 0.2).Make(_bed.Files);
        var first = await _bed.ScanAsync();
        var second = await _bed.ScanAsync();
        Assert.Equal(first.Root, second.Root);
        Assert.Null(second.State);
        Assert.Equal(0, _bed.Counters.FilesRead);
    }

    [Fact]
    public async Task Many_changes_give_the_root_of_a_fresh_import_each_time()
    {
        new TreeGenerator(3, 0.2).Make(_bed.Files);
        var random = new Random(3);
        for (var round = 0; round < 12; round++)
        {
            await _bed.ScanAsync();
            Change(random, round);
            var previous = new ArchiveFile(_bed.Archive, TimeProvider.System).ReadLast()!.Root;
            await using var store = await _bed.OpenAsync();
            Assert.Equal(await _bed.ImportAsync(previous, store), (await _bed.ScanAsync(store)).Root);
        }

        await using var last = await _bed.OpenAsync();
        Assert.InRange(last.Index.Set.Files.Count, 1, 8);
    }

    [Theory]
    [InlineData("current")]
    [InlineData("places")]
    [InlineData("everything")]
    public async Task An_index_that_was_deleted_is_made_anew_without_reading_files(string what)
    {
        new TreeGenerator(4, 0.2).Make(_bed.Files);
        await _bed.ScanAsync();
        Delete(what);
        await _bed.ScanAsync();
        Assert.Equal(0, _bed.Counters.FilesRead);
        Assert.Contains("anew", Assert.Single(_bed.Notices), StringComparison.Ordinal);
        await using var store = await _bed.OpenAsync();
        Assert.Equal(File.ReadAllBytes(_bed["many/entry-000001"]), await _bed.ReadAsync(store, "many/entry-000001"));
        Assert.True(store.GetFigures().IsWhole);
    }

    [Fact]
    public async Task A_state_folder_that_was_deleted_is_made_anew_of_the_files()
    {
        new TreeGenerator(6, 0.1).Make(_bed.Files);
        var first = await _bed.ScanAsync();
        Directory.Delete(_bed.State, recursive: true);
        var again = await _bed.ScanAsync();
        Assert.Equal(first.Root, again.Root);
        await using var store = await _bed.OpenAsync();
        Assert.Equal(File.ReadAllBytes(_bed["many/entry-000001"]), await _bed.ReadAsync(store, "many/entry-000001"));
    }

    [Fact]
    public async Task A_state_that_somebody_else_added_to_the_archive_is_indexed_first()
    {
        _bed.Write("one", PlatonicBed.Random(1, 50_000));
        await _bed.ScanAsync();
        _bed.Write("two", PlatonicBed.Random(2, 50_000));
        await new ArchiveFile(_bed.Archive, TimeProvider.System).AppendAsync(await _bed.ImportAsync(), null);
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        Assert.Equal(PlatonicBed.Random(1, 50_000), await _bed.ReadAsync(store, "one"));
        Assert.Equal(PlatonicBed.Random(2, 50_000), await _bed.ReadAsync(store, "two"));
    }

    [Fact]
    public async Task A_byte_that_flips_in_the_index_is_an_error_and_the_next_scan_makes_the_index_anew()
    {
        var contents = Enumerable.Range(0, 6).Select(i => PlatonicBed.Random(i, 100_000)).ToArray();
        for (var i = 0; i < contents.Length; i++)
            _bed.Write($"{i}", contents[i]);
        await _bed.ScanAsync();
        var index = Assert.Single(Directory.GetFiles(Path.Combine(_bed.State, "index"), "*.places"));
        var sound = File.ReadAllBytes(index);
        for (var at = 0; at < sound.Length; at += 97)
        {
            var damaged = sound.ToArray();
            damaged[at] ^= 0x10;
            File.Delete(index);
            File.WriteAllBytes(index, damaged);
            await using var store = await _bed.OpenAsync();
            for (var i = 0; i < contents.Length; i++)
            {
                try
                {
                    Assert.Equal(contents[i], await _bed.ReadAsync(store, $"{i}"));
                }
                catch (StoreUnavailableException fault)
                {
                    Assert.Contains("vt platonic scan", fault.Message, StringComparison.Ordinal);
                }
            }
        }

        File.Delete(index);
        File.WriteAllBytes(index, sound[..^9]);
        await _bed.ScanAsync();
        Assert.Equal(0, _bed.Counters.FilesRead);
        await using var again = await _bed.OpenAsync();
        Assert.Equal(contents[2], await _bed.ReadAsync(again, "2"));
    }

    [Fact]
    public async Task What_an_interrupted_scan_has_read_is_not_read_again()
    {
        for (var i = 0; i < 50; i++)
            _bed.Write($"{i:00}", PlatonicBed.Random(i, 60_000));
        await using var store = await _bed.OpenAsync();
        await using (var scan = store.TryStartScan()!)
        {
            for (var i = 0; i < 20; i++)
            {
                var path = Encoding.ASCII.GetBytes($"{i:00}");
                await using var writer = new Vt.Blocks.BlockTree.BlockTreeWriter(scan.ContentStore, new Vt.Blocks.Chunking.Chunker(store.Chunking));
                await writer.WriteAsync(PlatonicBed.Random(i, 60_000));
                await scan.NoteAsync(path, PosixFile.Stat(_bed[$"{i:00}"]), await writer.CompleteAsync(), 0);
            }
        }

        var scanned = await _bed.ScanAsync(store);
        Assert.Equal(30, _bed.Counters.FilesRead);
        Assert.Equal(await _bed.ImportAsync(), scanned.Root);
        Assert.Equal(PlatonicBed.Random(7, 60_000), await _bed.ReadAsync(store, "07"));
    }

    [Fact]
    public async Task One_process_scans_at_a_time()
    {
        await using var store = await _bed.OpenAsync();
        await using (var scan = store.TryStartScan())
        {
            Assert.NotNull(scan);
            await Assert.ThrowsAsync<UserErrorException>(() => _bed.ScanAsync());
        }

        await _bed.ScanAsync();
    }

    [Fact]
    public async Task Links_are_followed_where_that_is_wanted_and_never_in_circles()
    {
        Directory.CreateDirectory(_bed.Elsewhere("outside/deep"));
        File.WriteAllBytes(_bed.Elsewhere("outside/deep/file"), PlatonicBed.Random(5, 80_000));
        _bed.Write("here", PlatonicBed.Random(6, 80_000));
        File.CreateSymbolicLink(_bed["folder"], _bed.Elsewhere("outside"));
        File.CreateSymbolicLink(_bed["file"], _bed["here"]);
        File.CreateSymbolicLink(_bed["nowhere"], "gone");
        File.CreateSymbolicLink(_bed.Elsewhere("outside/up"), _bed.Files);
        _bed.FollowSymlinks = true;
        var scanned = await _bed.ScanAsync();
        Assert.False(scanned.IsPartial);
        await using var store = await _bed.OpenAsync();
        Assert.Equal(PlatonicBed.Random(5, 80_000), await _bed.ReadAsync(store, "folder/deep/file"));
        Assert.Equal(PlatonicBed.Random(6, 80_000), await _bed.ReadAsync(store, "file"));
        Assert.Equal("gone", Encoding.UTF8.GetString(await _bed.ReadAsync(store, "nowhere")));
        Assert.Equal(_bed.Files, Encoding.UTF8.GetString(await _bed.ReadAsync(store, "folder/up")));
        await _bed.ScanAsync();
        Assert.Equal(0, _bed.Counters.FilesRead);
    }

    [Fact]
    public async Task A_scope_leaves_other_folders_as_they_were_and_asks_for_all_where_links_need_it()
    {
        _bed.Write("a/one", PlatonicBed.Random(7, 10_000));
        _bed.Write("b/two", PlatonicBed.Random(8, 10_000));
        await _bed.ScanAsync();
        _bed.Write("a/three", PlatonicBed.Random(9, 10_000));
        _bed.Write("b/four", PlatonicBed.Random(10, 10_000));
        await _bed.ScanAsync(scope: path => path.AsSpan().SequenceEqual("a"u8));
        await using (var store = await _bed.OpenAsync())
        {
            Assert.Equal(PlatonicBed.Random(9, 10_000), await _bed.ReadAsync(store, "a/three"));
            await Assert.ThrowsAsync<FileNotFoundException>(() => _bed.ReadAsync(store, "b/four"));
        }

        using (var a = PosixFile.Open(_bed["a"], OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY))
        using (var b = PosixFile.Open(_bed["b"], OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY))
            Assert.Equal(Errno.OK, PosixFile.TryLinkAt(b, "two"u8, a, "link"u8));
        var scanned = await _bed.ScanAsync(scope: path => path.AsSpan().SequenceEqual("a"u8));
        Assert.Equal(await _bed.ImportAsync(), scanned.Root);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_scan_may_end_at_every_write_boundary(bool hasEarlier)
    {
        var boundary = 1;
        for (var hasFailed = true; hasFailed; boundary++)
        {
            using var bed = new PlatonicBed(inMemory: true);
            for (var i = 0; i < 12; i++)
                bed.Write($"{i % 3}/{i}", PlatonicBed.Random(i, 20_000 * i));
            if (hasEarlier)
            {
                await bed.ScanAsync();
                bed.Write("0/0", PlatonicBed.Random(99, 150_000));
                File.Move(bed["1/1"], bed["2/moved"]);
            }
            else
            {
                await (await bed.OpenAsync()).DisposeAsync();
            }

            hasFailed = await FailAsync(bed, boundary);
            bed.Boundary = null;
            Assert.Equal(await bed.ImportAsync(), (await bed.ScanAsync()).Root);
            await using var store = await bed.OpenAsync();
            Assert.Equal(File.ReadAllBytes(bed["0/0"]), await bed.ReadAsync(store, "0/0"));
            Assert.Equal(File.ReadAllBytes(bed["2/11"]), await bed.ReadAsync(store, "2/11"));
        }

        Assert.InRange(boundary, 20, 400);
    }

    static async Task<bool> FailAsync(PlatonicBed bed, int boundary)
    {
        var crossings = 0;
        bed.Boundary = new WriteBoundary((_, _, _) =>
        {
            if (Interlocked.Increment(ref crossings) >= boundary)
                throw new IOException("the power is gone");
        });
        try
        {
            await bed.ScanAsync();
            return crossings >= boundary;
        }
        catch (Exception fault) when (fault is IOException or StoreUnavailableException)
        {
            return true;
        }
    }

    void Delete(string what)
    {
        var index = Path.Combine(_bed.State, "index");
        if (what == "everything")
            Directory.Delete(index, recursive: true);
        else if (what == "current")
            File.Delete(Path.Combine(index, "current"));
        else
            Directory.GetFiles(index, "*.places").ToList().ForEach(File.Delete);
    }

    void Change(Random random, int round)
    {
        var files = Directory.GetFiles(_bed["many"]);
        for (var i = 0; i < 5; i++)
        {
            var file = files[random.Next(files.Length)];
            if (!File.Exists(file))
                continue;
            if (random.Next(3) == 0)
                File.Delete(file);
            else if (random.Next(2) == 0)
                File.WriteAllBytes(file, PlatonicBed.Random(random.Next(), random.Next(100_000)));
            else
                File.Move(file, Path.Combine(_bed["many"], $"moved {round} {i}"));
        }
    }
}
