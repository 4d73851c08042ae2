using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Chunking.Scanners;
using Vt.Blocks.Contracts;
using Vt.Files.BackedFiles;
using Vt.Files.Reading;
using Vt.Stores.Memory;
using Vt.Tests.BlockTree;

namespace Vt.Tests.Files.BackedFiles;

public sealed class ContentStorerTests : IDisposable
{
    readonly CountingStore _store = new();
    readonly MemoryFront _front = new();
    readonly ContentSources _sources;

    public ContentStorerTests() => _sources = new ContentSources(_store, _front, new ReadAheadBudget(16 << 20));

    public void Dispose() => _sources.Dispose();

    [Fact]
    public async Task New_files_of_all_sizes_get_the_references_that_import_gives_them()
    {
        var random = new Random(1);
        var files = new List<(byte[] Name, byte[] Content)>();
        for (var i = 0; i < 60; i++)
        {
            var content = TestContent.Make(random, i == 0 ? 0 : random.Next(i % 20 == 0 ? 3_000_000 : 100_000));
            files.Add(([.. (i % 3 == 0 ? "a.cs"u8 : "a"u8)], content));
        }

        var jobs = files.ConvertAll(file => new StoreJob(Freeze(FileOf(random, file.Content)), file.Name));
        await using var storer = new ContentStorer(_sources);
        await storer.StoreAsync(jobs);
        for (var i = 0; i < files.Count; i++)
        {
            Assert.True(jobs[i].IsDone);
            Assert.Equal(await ImportAsync(files[i].Name, files[i].Content), jobs[i].Content);
            Assert.Equal(FileModel.HolesOf(files[i].Content), jobs[i].HoleSpan);
        }
    }

    [Fact]
    public async Task The_media_type_chooses_the_scanner_before_name_and_content()
    {
        var random = new Random(2);
        var text = new byte[400_000];
        foreach (ref var b in text.AsSpan())
            b = "fn    {}\n\n"u8[random.Next(10)];
        await using var storer = new ContentStorer(_sources);
        var jobs = new[]
        {
            new StoreJob(Freeze(FileOf(random, text)), "a"u8.ToArray(), "text/x-c; charset=utf-8"u8.ToArray()),
            new StoreJob(Freeze(FileOf(random, text)), "a"u8.ToArray()),
        };
        await storer.StoreAsync(jobs);
        Assert.Equal(await ImportAsync("a.c"u8.ToArray(), text), jobs[0].Content);
        Assert.Equal(await ImportAsync("a"u8.ToArray(), text), jobs[1].Content);
        Assert.NotEqual(jobs[0].Content, jobs[1].Content);
    }

    [Fact]
    public async Task Overwriting_4_KiB_of_a_long_file_costs_a_handful_of_blocks()
    {
        var random = new Random(3);
        var content = new byte[12 << 20];
        random.NextBytes(content);
        content.AsSpan(5 << 20, 3 << 20).Clear();
        var root = await ImportAsync("disk"u8.ToArray(), content);
        var file = new BackedFile(_sources, root, 3 << 20);
        await using var storer = new ContentStorer(_sources);
        for (var edit = 0; edit < 6; edit++)
        {
            var added = new byte[4096];
            random.NextBytes(added);
            var at = edit == 0 ? 7 << 20 : random.Next(content.Length - 4096);
            added.CopyTo(content, at);
            lock (file.Gate)
                file.Write(at, added.Length, _front.Append(added), 1);
            var job = new StoreJob(Freeze(file), "disk"u8.ToArray());
            _store.ResetCounts();
            await storer.StoreAsync([job]);
            Assert.InRange(_store.Adds, 2, 12);
            Assert.InRange(_store.Gets, 0, 40);
            Assert.Equal(FileModel.HolesOf(content), job.HoleSpan);
            lock (file.Gate)
                file.Complete(job.Snapshot, job.Content, job.HoleSpan);
            Assert.True(file.IsClean);
            _store.ResetCounts();
            Assert.Equal(job.HoleSpan, await file.GetHoleSpanAsync());
            Assert.Equal(0, _store.Gets);
        }

        Assert.Equal(await ImportAsync("disk"u8.ToArray(), content), file.Backing);
        Assert.Equal(0, _front.Held);
    }

    [Fact]
    public async Task A_store_that_fails_loses_nothing_and_may_be_tried_again()
    {
        var random = new Random(4);
        var contents = new[] { TestContent.Make(random, 50_000), TestContent.Make(random, 3_000_000) };
        var files = contents.Select(content => FileOf(random, content)).ToArray();
        var jobs = files.Select(file => new StoreJob(Freeze(file), default)).ToArray();
        await using var storer = new ContentStorer(_sources);
        _store.FailAdds = true;
        await Assert.ThrowsAsync<StoreFullException>(async () => await storer.StoreAsync(jobs));
        Assert.DoesNotContain(jobs, static job => job.IsDone);
        _store.FailAdds = false;
        for (var i = 0; i < files.Length; i++)
        {
            var read = new byte[contents[i].Length];
            Assert.Equal(read.Length, await files[i].ReadAsync(0, read));
            Assert.True(contents[i].AsSpan().SequenceEqual(read));
        }

        await storer.StoreAsync(jobs);
        for (var i = 0; i < files.Length; i++)
            Assert.Equal(await ImportAsync([], contents[i]), jobs[i].Content);
    }

    [Fact]
    public async Task Two_storers_at_once_store_the_same_as_one()
    {
        await using var store = new MemoryStore();
        using var sources = new ContentSources(store, _front, new ReadAheadBudget(16 << 20));
        var random = new Random(5);
        var contents = Enumerable.Range(0, 40).Select(_ => TestContent.Make(random, random.Next(200_000))).ToList();
        async Task<List<BlockRef>> StoreAsync(int from, int to)
        {
            await using var storer = new ContentStorer(sources, workers: 0);
            var jobs = contents[from..to].ConvertAll(content => new StoreJob(Freeze(FileOf(new Random(6), content, sources)), default));
            await storer.StoreAsync(jobs);
            return jobs.ConvertAll(static job => job.Content);
        }

        var halves = await Task.WhenAll(Task.Run(() => StoreAsync(0, 20)), Task.Run(() => StoreAsync(20, 40)));
        Assert.Equal(await StoreAsync(0, 40), [.. halves[0], .. halves[1]]);
    }

    static ContentSnapshot Freeze(BackedFile file)
    {
        lock (file.Gate)
            return file.Freeze();
    }

    BackedFile FileOf(Random random, byte[] content, ContentSources? sources = null)
    {
        var file = new BackedFile(sources ?? _sources, BlockRef.Empty);
        lock (file.Gate)
        {
            for (var at = 0; at < content.Length;)
            {
                var part = content.AsSpan(at, Math.Min(content.Length - at, 1 + random.Next(random.Next(9) == 0 ? 1_000_000 : 9000)));
                if (part.IndexOfAnyExcept((byte)0) >= 0)
                    file.Write(at, part.Length, _front.Append(part), 1);
                at += part.Length;
            }

            file.Resize(content.Length, 1);
        }

        return file;
    }

    async Task<BlockRef> ImportAsync(byte[] name, byte[] content)
    {
        var scanner = ScannerChoice.Choose(name, [], content.AsSpan(0, Math.Min(content.Length, ScannerChoice.HeadLength)));
        await using var writer = new BlockTreeWriter(_store, new Chunker(_store.Chunking, scanner));
        await writer.WriteAsync(content);
        return await writer.CompleteAsync();
    }
}
