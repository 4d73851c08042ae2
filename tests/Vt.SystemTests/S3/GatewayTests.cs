using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.S3;
using Vt.Stores.S3.Access;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.SystemTests.S3;

/// <summary>What only a real server shows: how it keeps to conditions under races, parts of large objects, what it answers to strangers.</summary>
[Collection(S3Collection.Name)]
public sealed class GatewayTests(S3Gateway gateway) : IDisposable
{
    readonly S3Bed _bed = gateway.NewBed();

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task Of_many_writers_on_many_machines_each_movement_is_made_once()
    {
        const int Each = 6;
        await _bed.MakeAsync();
        var stores = new List<IBlockStore>();
        for (var i = 0; i < 4; i++)
            stores.Add(await _bed.OpenAsync());
        await Task.WhenAll(stores.SelectMany(store => Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            var refs = (IRefStore)store;
            for (var i = 0; i < Each; i++)
            {
                string? value;
                do
                    value = await refs.ReadAsync("counter");
                while (!await refs.TryMoveAsync("counter", value, $"{int.Parse(value ?? "0") + 1}", "up"));
            }
        }))));
        var log = await ((IRefStore)stores[0]).ReadLogAsync("counter").Select(static movement => movement.Value ?? "").ToArrayAsync();
        Assert.Equal(Enumerable.Range(1, 8 * Each).Select(static i => $"{i}"), log);
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task An_object_of_many_parts_is_read_back_and_a_cut_one_is_not_there()
    {
        var bytes = new byte[S3Bucket.MultipartAbove + 12345];
        new Random(1).NextBytes(bytes);
        await _bed.MakeAsync();
        await using var store = (S3Store)await _bed.OpenAsync();
        using var bucket = _bed.OpenBucket();
        await bucket.PutAsync("large", bytes, isBulk: true, CancellationToken.None);
        var got = new byte[bytes.Length];
        Assert.Equal(bytes.Length, await bucket.ReadRangeAsync("large", 0, got, CancellationToken.None));
        Assert.True(got.AsSpan().SequenceEqual(bytes));
        Assert.Equal(100, await bucket.ReadRangeAsync("large", bytes.Length - 100, got.AsMemory(0, 200), CancellationToken.None));
        Assert.Equal(0, await bucket.ReadRangeAsync("large", bytes.Length, got.AsMemory(0, 200), CancellationToken.None));
        Assert.Equal(-1, await bucket.ReadRangeAsync("absent", 0, got.AsMemory(0, 200), CancellationToken.None));

        _bed.Settings = _bed.Settings with { Timeout = TimeSpan.FromMilliseconds(1) };
        using var cut = _bed.OpenBucket(static (request, _) => request.RequestUri!.Query.Contains("partNumber=3", StringComparison.Ordinal) ? WireFault.CutUpload : null);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => cut.PutAsync("cut", bytes, isBulk: true, CancellationToken.None));
        Assert.Equal(-1, await bucket.LengthOfAsync("cut", CancellationToken.None));
        Assert.Contains(_bed.Wire.Seen, static request => request.Method == "DELETE");
        await bucket.DeleteAsync("large", CancellationToken.None);
    }

    [Fact]
    public async Task An_upload_that_is_cut_at_any_byte_leaves_nothing_that_a_reference_names()
    {
        await _bed.MakeAsync();
        var hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);
        string? value = null;
        for (var round = 0; round < 12; round++)
        {
            var blocks = TestBlock.Many(hasher, round, 12, 50_000);
            var (kind, part) = (new[] { "packs/", "index/", "refs/" }[round % 3], round / 3);
            var timeout = _bed.Settings.Timeout;
            _bed.Settings = _bed.Settings with { Timeout = TimeSpan.FromMilliseconds(1) };
            var store = await _bed.OpenAsync((request, _) =>
                request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath.Contains(kind, StringComparison.Ordinal) ? WireFault.CutUpload : null);
            _bed.Wire.CutAt = length => part switch { 0 => 0, 1 => 1, 2 => length / 2, _ => length - 1 };
            var failure = await Record.ExceptionAsync(async () =>
            {
                await using (store)
                    await WriteAsync(store, blocks, value, $"{round}");
            });
            Assert.True(failure is StoreUnavailableException, $"{kind} {part}: {failure}");
            _bed.Settings = _bed.Settings with { Timeout = timeout };
            await using var again = await _bed.OpenAsync();
            Assert.Equal(value, await ((IRefStore)again).ReadAsync("state"));
            await WriteAsync(again, blocks, value, value = $"{round}");
            foreach (var block in blocks)
                Assert.True(await TestBlock.IsInAsync(again, block));
        }

        static async Task WriteAsync(IBlockStore store, TestBlock[] blocks, string? from, string to)
        {
            await TestBlock.AddAsync(store, blocks);
            await store.FlushAsync();
            Assert.True(await ((IRefStore)store).TryMoveAsync("state", from, to, "written"));
        }
    }

    [Fact]
    public async Task Strangers_and_wrong_names_get_one_line_that_says_what_to_do()
    {
        await _bed.MakeAsync();
        using var stranger = new S3Bed(gateway.Endpoint, _bed.Settings.Bucket, S3Bed.AccessKey, "wrong" + S3Bed.SecretKey);
        using var unknown = new S3Bed(gateway.Endpoint, _bed.Settings.Bucket, "NOSUCHKEY", S3Bed.SecretKey);
        using var lost = new S3Bed(gateway.Endpoint, "no-such-bucket", S3Bed.AccessKey, S3Bed.SecretKey);
        foreach (var (bed, word) in ((S3Bed, string)[])[(stranger, "secret key"), (unknown, "access key"), (lost, "no bucket no-such-bucket")])
        {
            var fault = await Assert.ThrowsAsync<UserErrorException>(() => bed.MakeAsync());
            Assert.Contains(word, fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', fault.Message);
            Assert.DoesNotContain(S3Bed.SecretKey, fault.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("NOSUCHKEY", fault.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_writers_fill_one_bucket_at_once_and_a_third_reads_both()
    {
        await _bed.MakeAsync();
        var hasher = HashAlgorithms.GetHasher(HashAlgorithms.Default);
        var common = TestBlock.Many(hasher, 1, 100, 60_000);
        await Task.WhenAll(Enumerable.Range(2, 2).Select(seed => Task.Run(async () =>
        {
            await using var store = await _bed.OpenAsync();
            TestBlock[] mine = [.. common, .. TestBlock.Many(hasher, seed, 100, 60_000)];
            new Random(seed).Shuffle(mine);
            foreach (var batch in mine.Chunk(20))
            {
                await TestBlock.AddAsync(store, batch);
                await store.FlushAsync();
            }

            Assert.True(await ((IRefStore)store).TryMoveAsync($"writer/{seed}", null, "done", ""));
        })));
        await using var reader = await _bed.OpenAsync(isReadOnly: true);
        Assert.Equal(["writer/2", "writer/3"], await ((IRefStore)reader).ListAsync().ToArrayAsync());
        foreach (var block in (TestBlock[])[.. common, .. TestBlock.Many(hasher, 2, 100, 60_000), .. TestBlock.Many(hasher, 3, 100, 60_000)])
            Assert.True(await TestBlock.IsInAsync(reader, block));
    }
}
