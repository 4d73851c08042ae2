using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Directories;

namespace Vt.Tests.Platonic;

/// <summary>Blocks that are served from files, and files that change below them.</summary>
public sealed class PlatonicStoreTests : IDisposable
{
    readonly PlatonicBed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task Content_is_served_from_the_files_and_not_copied()
    {
        var content = PlatonicBed.Random(1, 900_000);
        _bed.Write("a/file", content);
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        Assert.Equal(content, await _bed.ReadAsync(store, "a/file"));
        var block = (await _bed.BlocksAsync(store, "a/file"))[3].Reference.Hash;
        await using var meta = DataDirStore.Open(Path.Combine(_bed.State, "meta"), new DataDirOptions { IsReadOnly = true });
        var present = new bool[1];
        await meta.ContainsManyAsync(new[] { block }, present);
        Assert.False(present[0]);
        await store.ContainsManyAsync(new[] { block }, present);
        Assert.True(present[0]);
        Assert.InRange(meta.GetCapacity().StoredBytes, 1, 100_000);
    }

    [Fact]
    public async Task Neither_the_store_nor_its_meta_store_is_complete()
    {
        _bed.Write("file", PlatonicBed.Random(2, 50_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync(isReadOnly: true);
        Assert.False(store.IsComplete);
        await using var meta = DataDirStore.Open(Path.Combine(_bed.State, "meta"), new DataDirOptions { IsReadOnly = true });
        Assert.False(meta.IsComplete);
    }

    [Fact]
    public async Task A_meta_store_that_cannot_be_told_that_it_is_partial_is_refused()
    {
        var refused = await Assert.ThrowsAsync<UserErrorException>(() => _bed.OpenAsync(new Boastful(new MemoryStore())));
        Assert.Contains("can't be the meta store", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_rewritten_in_place_with_the_same_size_and_times_is_never_served_wrong_and_is_read_again()
    {
        var path = _bed.Write("file", PlatonicBed.Random(3, 300_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var blocks = await _bed.BlocksAsync(store, "file");
        var before = PosixFile.Stat(path);
        Rewrite(path, PlatonicBed.Random(4, 300_000));
        SetModification(path, before.ModificationTime);

        // As if the clock had stood still: the index says what the kernel says.
        var status = PosixFile.Stat(path);
        await using (var scan = store.TryStartScan()!)
        {
            await scan.NoteAsync("file"u8.ToArray(), status, await ContentAsync(store), 0);
            await scan.CompleteAsync(scan.Tree!);
        }

        foreach (var block in blocks)
        {
            using var lease = await store.GetAsync(block.Reference.Hash);
            Assert.False(lease.IsPresent);
        }

        Assert.Equal(1, store.GetFigures().Suspects);
        var present = new bool[1];
        await store.ContainsManyAsync(new[] { blocks[0].Reference.Hash }, present);
        Assert.False(present[0]);
        await _bed.ScanAsync(store);
        Assert.Equal(PlatonicBed.Random(4, 300_000), await _bed.ReadAsync(store, "file"));
        Assert.Equal(0, store.GetFigures().Suspects);
    }

    [Fact]
    public async Task A_suspect_file_is_read_again_although_the_tree_says_that_it_has_not_changed()
    {
        _bed.Write("file", PlatonicBed.Random(5, 100_000));
        _bed.Write("other", PlatonicBed.Random(6, 100_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        store.Suspects.Note("file"u8.ToArray());
        await _bed.ScanAsync();
        Assert.Equal((1, 100_000), (_bed.Counters.FilesRead, _bed.Counters.BytesRead));
        await _bed.ScanAsync();
        Assert.Equal(0, _bed.Counters.FilesRead);
    }

    [Fact]
    public async Task What_a_truncated_file_still_has_is_served_and_the_rest_is_missing()
    {
        var path = _bed.Write("file", PlatonicBed.Random(7, 600_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var blocks = await _bed.BlocksAsync(store, "file");
        using (var file = PosixFile.Open(path, OpenFlags.O_RDWR))
            PosixFile.Ftruncate(file, blocks[4].End + 1);
        for (var i = 0; i < blocks.Length; i++)
        {
            using var lease = await store.GetAsync(blocks[i].Reference.Hash);
            Assert.Equal(i <= 4, lease.IsPresent);
        }

        await _bed.ScanAsync(store);
        Assert.Equal(PlatonicBed.Random(7, 600_000)[..(int)(blocks[4].End + 1)], await _bed.ReadAsync(store, "file"));
    }

    [Fact]
    public async Task A_file_that_grew_is_read_again_and_its_old_blocks_stay_as_long_as_they_are_there()
    {
        var old = PlatonicBed.Random(8, 400_000);
        _bed.Write("file", old);
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var blocks = await _bed.BlocksAsync(store, "file");
        File.AppendAllText(_bed["file"], "and more");
        using (var lease = await store.GetAsync(blocks[0].Reference.Hash))
            Assert.True(lease.IsPresent);
        await _bed.ScanAsync(store);
        byte[] grown = [.. old, .. "and more"u8];
        Assert.Equal(grown, await _bed.ReadAsync(store, "file"));
    }

    [Fact]
    public async Task A_renamed_file_and_a_renamed_folder_are_not_read_again()
    {
        var content = PlatonicBed.Random(9, 700_000);
        _bed.Write("file", content);
        _bed.Write("folder/inner/one", PlatonicBed.Random(10, 200_000));
        _bed.Write("folder/two", PlatonicBed.Random(11, 5));
        await _bed.ScanAsync();
        File.Move(_bed["file"], _bed["folder/renamed"]);
        Directory.Move(_bed["folder"], _bed["moved"]);
        await _bed.ScanAsync();
        Assert.Equal(0, _bed.Counters.FilesRead);
        Assert.Equal(await _bed.ImportAsync(), (await _bed.ScanAsync()).Root);
        await using var store = await _bed.OpenAsync();
        Assert.Equal(content, await _bed.ReadAsync(store, "moved/renamed"));
        Assert.Equal(PlatonicBed.Random(10, 200_000), await _bed.ReadAsync(store, "moved/inner/one"));
    }

    [Fact]
    public async Task A_file_that_was_rewritten_and_then_renamed_with_its_old_times_is_found_out_by_the_first_read()
    {
        var path = _bed.Write("file", PlatonicBed.Random(12, 300_000));
        await _bed.ScanAsync();
        var before = PosixFile.Stat(path).ModificationTime;
        Rewrite(path, PlatonicBed.Random(13, 300_000));
        SetModification(path, before);
        File.Move(path, _bed["renamed"]);
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        await Assert.ThrowsAsync<BlockMissingException>(() => _bed.ReadAsync(store, "renamed"));
        await _bed.ScanAsync(store);
        Assert.Equal(PlatonicBed.Random(13, 300_000), await _bed.ReadAsync(store, "renamed"));
    }

    [Fact]
    public async Task A_block_that_several_files_have_is_served_as_long_as_one_has_it()
    {
        var content = PlatonicBed.Random(14, 200_000);
        foreach (var name in (string[])["one", "two", "three"])
            _bed.Write(name, content);
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        File.Delete(_bed["three"]);
        Rewrite(_bed["one"], PlatonicBed.Random(15, 200_000));
        Assert.Equal(content, await _bed.ReadAsync(store, "two"));
        await _bed.ScanAsync(store);
        Assert.Equal(content, await _bed.ReadAsync(store, "two"));
        Assert.Equal(PlatonicBed.Random(15, 200_000), await _bed.ReadAsync(store, "one"));
    }

    [Fact]
    public async Task A_deleted_file_is_missing_and_gone_from_the_tree()
    {
        _bed.Write("file", PlatonicBed.Random(16, 100_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var block = (await _bed.BlocksAsync(store, "file"))[0].Reference.Hash;
        File.Delete(_bed["file"]);
        using (var lease = await store.GetAsync(block))
            Assert.False(lease.IsPresent);
        await _bed.ScanAsync(store);
        await Assert.ThrowsAsync<FileNotFoundException>(() => _bed.ReadAsync(store, "file"));
    }

    [Fact]
    public async Task A_file_that_became_a_fifo_or_a_folder_is_missing_and_nobody_waits_for_it()
    {
        _bed.Write("fifo", PlatonicBed.Random(17, 100_000));
        _bed.Write("folder", PlatonicBed.Random(18, 100_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var blocks = new[] { (await _bed.BlocksAsync(store, "fifo"))[0], (await _bed.BlocksAsync(store, "folder"))[0] };
        File.Delete(_bed["fifo"]);
        File.Delete(_bed["folder"]);
        PosixFile.Mknod(System.Text.Encoding.UTF8.GetBytes(_bed["fifo"]), ModeBits.S_IFIFO | 0x1a4);
        Directory.CreateDirectory(_bed["folder"]);
        foreach (var block in blocks)
        {
            using var lease = await store.GetAsync(block.Reference.Hash);
            Assert.False(lease.IsPresent);
        }
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_out_of_reach_and_not_empty()
    {
        _bed.Write("file", PlatonicBed.Random(19, 100_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var block = (await _bed.BlocksAsync(store, "file"))[0].Reference.Hash;
        Directory.Move(_bed.Files, _bed.Elsewhere("away"));
        Assert.True((await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.GetAsync(block))).IsTransient);
        using (var absent = await store.GetAsync(store.Hasher.Hash([1, 2, 3])))
            Assert.False(absent.IsPresent);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _bed.ScanAsync(store));
        Directory.Move(_bed.Elsewhere("away"), _bed.Files);
        Assert.Equal(PlatonicBed.Random(19, 100_000), await _bed.ReadAsync(store, "file"));
    }

    [Fact]
    public async Task What_was_added_stays_although_the_file_that_had_it_too_changes()
    {
        _bed.Write("file", PlatonicBed.Random(20, 100_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var place = (await _bed.BlocksAsync(store, "file"))[0];
        var block = new TestBlock(place.Reference.Hash, PlatonicBed.Random(20, 100_000)[..(int)place.Reference.Span], BlockContent.Data);
        Assert.Equal(1, (await TestBlock.AddAsync(store, block)).NewBlocks);
        await store.FlushAsync();
        File.Delete(_bed["file"]);
        Assert.True(await TestBlock.IsInAsync(store, block));
    }

    [Fact]
    public async Task What_the_store_said_that_it_has_is_kept_by_the_next_flush()
    {
        var content = PlatonicBed.Random(21, 300_000);
        _bed.Write("file", content);
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var hashes = (await _bed.BlocksAsync(store, "file")).Select(block => block.Reference.Hash).ToArray();
        var present = new bool[hashes.Length];
        await store.ContainsManyAsync(hashes, present);
        Assert.All(present, Assert.True);
        await store.FlushAsync();
        File.Delete(_bed["file"]);
        Assert.Equal(content, await _bed.ReadAsync(store, "file"));
    }

    [Fact]
    public async Task A_flush_fails_where_what_the_store_said_that_it_has_is_gone()
    {
        _bed.Write("file", PlatonicBed.Random(22, 100_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var hash = (await _bed.BlocksAsync(store, "file"))[0].Reference.Hash;
        await store.ContainsManyAsync(new[] { hash }, new bool[1]);
        File.Delete(_bed["file"]);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
    }

    [Fact]
    public async Task Blocks_of_files_and_of_the_meta_store_are_listed_together_in_order()
    {
        for (var i = 0; i < 30; i++)
            _bed.Write($"file {i % 20}", PlatonicBed.Random(i % 15, 9_000 * (i % 15)));
        await _bed.ScanAsync();
        _bed.Write("later", PlatonicBed.Random(40, 100_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        await TestBlock.AddAsync(store, TestBlock.Many(store.Hasher, 23, 50));
        var listed = await store.EnumerateAsync().ToArrayAsync();
        Assert.Equal(listed.Distinct().Order(), listed);
        foreach (var hash in listed)
        {
            using var lease = await store.GetAsync(hash);
            Assert.True(lease.IsPresent);
        }

        Assert.Equal(listed[31..], await store.EnumerateAsync(listed[30]).ToArrayAsync());
        foreach (var block in await _bed.BlocksAsync(store, "later"))
            Assert.Contains(block.Reference.Hash, listed);
        File.Delete(_bed["later"]);
        var gone = (await _bed.BlocksAsync(store, "later"))[0].Reference.Hash;
        Assert.DoesNotContain(gone, await store.EnumerateAsync().ToArrayAsync());
    }

    [Fact]
    public async Task Damage_is_noted_for_a_block_of_a_file_that_has_not_got_it_any_more()
    {
        _bed.Write("file", PlatonicBed.Random(24, 100_000));
        await _bed.ScanAsync();
        await using var store = await _bed.OpenAsync();
        var hash = (await _bed.BlocksAsync(store, "file"))[0].Reference.Hash;
        Assert.False(await store.NoteDamageAsync(hash));
        Rewrite(_bed["file"], PlatonicBed.Random(25, 100_000));
        Assert.True(await store.NoteDamageAsync(hash));
        Assert.Equal(1, store.GetFigures().Suspects);
    }

    [Fact]
    public async Task Another_process_that_reads_sees_what_a_scan_has_indexed()
    {
        await _bed.ScanAsync();
        await using var reader = await _bed.OpenAsync(isReadOnly: true);
        _bed.Write("file", PlatonicBed.Random(26, 100_000));
        await _bed.ScanAsync();
        Assert.Equal(PlatonicBed.Random(26, 100_000), await _bed.ReadAsync(reader, "file"));
        Assert.Throws<StoreUnavailableException>(() => reader.TryStartScan());
    }

    async Task<BlockRef> ContentAsync(IBlockStore store)
    {
        var root = new ArchiveFile(_bed.Archive, TimeProvider.System).ReadLast()!.Root;
        var reader = new DirectoryReader(store, new DirectoryNodeCache());
        return (await reader.LookupAsync(root.Content, "file"u8.ToArray()))!.Content;
    }

    static void SetModification(string path, StatxTime time)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_RDWR);
        Assert.Equal(Errno.OK, Times.TrySet(file, TimeSetting.Omit, TimeSetting.At(time.Seconds, time.Nanoseconds)));
    }

    static void Rewrite(string path, byte[] content)
    {
        using var file = PosixFile.Open(path, OpenFlags.O_RDWR);
        PosixFile.PwriteFully(file, content, 0);
    }

    /// <summary>Says that it is complete, and can't be told otherwise.</summary>
    sealed class Boastful(IBlockStore inner) : DelegatingStore(inner);
}
