using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Tests.Support;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

/// <summary>Every request of a session goes wrong once in every way: the answer is right, or an error; what was acknowledged is there, and no reference dangles.</summary>
public sealed class S3FaultTests
{
    const string Ref = "branch/main";

    static readonly TestBlock[] First = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 1, 30, 20_000);
    static readonly TestBlock[] Second = TestBlock.Many(HashAlgorithms.GetHasher(HashAlgorithms.Default), 2, 30, 20_000);

    [Theory]
    [InlineData(WireFault.NoConnection)]
    [InlineData(WireFault.CutUpload)]
    [InlineData(WireFault.LostAnswer)]
    [InlineData(WireFault.DoneButError)]
    [InlineData(WireFault.Error)]
    [InlineData(WireFault.SlowDown)]
    [InlineData(WireFault.CutAnswer)]
    public async Task A_request_that_goes_wrong_once_is_made_again(WireFault kind)
    {
        for (var struck = 0; ; struck++)
        {
            using var bed = new S3Bed();
            await bed.MakeAsync();
            var hit = struck;
            var store = await bed.OpenAsync((_, number) => number == hit ? kind : null);
            await using (store)
            {
                await WriteAsync(store);
                await CheckAsync(store);
            }

            if (bed.Wire.Seen.Length <= struck)
                break;
            await using var again = await bed.OpenAsync();
            await CheckAsync(again);
        }
    }

    [Theory]
    [InlineData(WireFault.NoConnection)]
    [InlineData(WireFault.LostAnswer)]
    [InlineData(WireFault.DoneButError)]
    [InlineData(WireFault.SlowDown)]
    public async Task A_server_that_is_gone_from_some_request_on_costs_nothing_that_was_acknowledged(WireFault kind)
    {
        for (var struck = 0; ; struck++)
        {
            using var bed = new S3Bed();
            bed.Settings = bed.Settings with { Timeout = TimeSpan.FromMilliseconds(1) };
            await bed.MakeAsync();
            var hit = struck;
            var acknowledged = 0;
            var failure = await Record.ExceptionAsync(async () =>
            {
                await using var store = await bed.OpenAsync((_, number) => number >= hit ? kind : null);
                await WriteAsync(store, () => acknowledged++);
            });
            var isOver = failure is null && bed.Wire.Seen.Length <= struck;
            Assert.True(failure is null or StoreUnavailableException, $"request {struck}: {failure}");

            // With the server back: what a reference names is there, and it names what was acknowledged or what was under way.
            bed.Settings = bed.Settings with { Timeout = TimeSpan.FromSeconds(10) };
            await using var again = await bed.OpenAsync();
            var value = await ((IRefStore)again).ReadAsync(Ref);
            Assert.Contains(value, acknowledged switch { 0 => [null, "first"], 1 => ["first", "second"], _ => new string?[] { "second" } });
            if (value is not null)
                await ReadAsync(again, First);
            if (value == "second")
                await ReadAsync(again, Second);
            if (isOver)
                break;
        }
    }

    [Fact]
    public async Task A_bit_that_flips_on_its_way_is_read_once_more()
    {
        for (var struck = 0; ; struck++)
        {
            using var bed = new S3Bed();
            await using (var store = await bed.OpenAsync())
                await WriteAsync(store);
            var hit = struck;
            var wasHit = false;
            var store2 = await bed.OpenAsync((request, number) => number == hit && IsBlockOrIndex(request) && (wasHit = true) ? WireFault.FlippedBit : null);
            await using (store2)
                await CheckAsync(store2);
            if (!wasHit && bed.Wire.Seen.Length <= struck)
                break;
        }

        static bool IsBlockOrIndex(HttpRequestMessage request) =>
            request.Method == HttpMethod.Get && (request.RequestUri!.AbsolutePath.Contains("packs/", StringComparison.Ordinal) || request.RequestUri.AbsolutePath.Contains("index/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_failed_upload_nothing_more_is_written_and_what_is_here_is_still_read()
    {
        using var bed = new S3Bed();
        bed.Settings = bed.Settings with { Timeout = TimeSpan.FromMilliseconds(1) };
        await bed.MakeAsync();
        var isDown = false;
        await using var store = await bed.OpenAsync((_, _) => isDown ? WireFault.Error : null);
        await TestBlock.AddAsync(store, First);
        isDown = true;
        var first = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        isDown = false;
        var second = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.FlushAsync());
        Assert.Contains("nothing more is written", second.Message, StringComparison.Ordinal);
        Assert.Contains("packs/", first.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await TestBlock.AddAsync(store, Second));
        await ReadAsync(store, First);
    }

    [Theory]
    [InlineData("packs/")]
    [InlineData("index/")]
    [InlineData("refs/")]
    public async Task A_put_that_is_answered_by_404_has_stored_nothing(string keys)
    {
        using var bed = new S3Bed();
        await bed.MakeAsync();
        bed.Settings = bed.Settings with { Timeout = TimeSpan.FromMilliseconds(1) };
        await using var store = await bed.OpenAsync((request, _) =>
            request.Method == HttpMethod.Put && request.RequestUri!.AbsolutePath.Contains(keys, StringComparison.Ordinal) ? WireFault.NotFound : null);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(store));
    }

    [Fact]
    public async Task A_bucket_without_room_says_so()
    {
        using var bed = new S3Bed();
        await bed.MakeAsync();
        await using var store = await bed.OpenAsync();
        await TestBlock.AddAsync(store, First);
        bed.Server!.Room = 0;
        await Assert.ThrowsAsync<StoreFullException>(async () => await store.FlushAsync());
    }

    static async Task WriteAsync(IBlockStore store, Action? acknowledged = null)
    {
        var refs = (IRefStore)store;
        await TestBlock.AddAsync(store, First);
        await store.FlushAsync();
        Assert.True(await refs.TryMoveAsync(Ref, null, "first", "one"));
        acknowledged?.Invoke();
        await TestBlock.AddAsync(store, Second);
        await store.FlushAsync();
        Assert.True(await refs.TryMoveAsync(Ref, "first", "second", "two"));
        acknowledged?.Invoke();
    }

    static async Task CheckAsync(IBlockStore store)
    {
        Assert.Equal("second", await ((IRefStore)store).ReadAsync(Ref));
        Assert.Equal(["first", "second"], await ((IRefStore)store).ReadLogAsync(Ref).Select(static movement => movement.Value ?? "").ToArrayAsync());
        await ReadAsync(store, First);
        await ReadAsync(store, Second);
    }

    static async Task ReadAsync(IBlockStore store, TestBlock[] blocks)
    {
        var leases = new BlockLease[blocks.Length];
        await store.GetManyAsync(blocks.Select(static block => block.Hash).ToArray(), leases);
        for (var i = 0; i < blocks.Length; i++)
        {
            Assert.True(leases[i].Span.SequenceEqual(blocks[i].Bytes));
            leases[i].Dispose();
        }
    }
}
