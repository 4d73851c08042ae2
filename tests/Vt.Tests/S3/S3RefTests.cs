using Vt.Blocks.Contracts;
using Vt.Tests.Support.S3;

namespace Vt.Tests.S3;

public sealed class S3RefTests : IDisposable
{
    readonly S3Bed _bed = new();

    public void Dispose() => _bed.Dispose();

    [Theory]
    [InlineData(ConditionHabit.Standard)]
    [InlineData(ConditionHabit.BareTags)]
    public async Task A_movement_is_made_once_whatever_becomes_of_the_answers(ConditionHabit habit)
    {
        _bed.Server!.Habit = habit;
        await _bed.MakeAsync();
        var seed = Environment.TickCount;
        WireFault[] kinds = [WireFault.LostAnswer, WireFault.DoneButError, WireFault.Error, WireFault.NoConnection];
        var stores = new List<IBlockStore>();
        for (var i = 0; i < 4; i++)
        {
            var random = new Random(seed + i);
            stores.Add(await _bed.OpenAsync((request, number) =>
            {
                lock (random)
                    return number > 10 && random.Next(4) == 0 ? kinds[random.Next(kinds.Length)] : null;
            }));
        }

        await Task.WhenAll(stores.SelectMany(store => Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            var refs = (IRefStore)store;
            for (var i = 0; i < 8; i++)
            {
                string? value;
                do
                    value = await refs.ReadAsync("counter");
                while (!await refs.TryMoveAsync("counter", value, $"{int.Parse(value ?? "0") + 1}", "up"));
            }
        }))));
        await using var last = await _bed.OpenAsync();
        var log = await ((IRefStore)last).ReadLogAsync("counter").Select(static movement => movement.Value).ToArrayAsync();
        Assert.True(log.SequenceEqual(Enumerable.Range(1, 64).Select(static i => $"{i}")), $"seed {seed}: {string.Join(' ', log)}");
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task A_long_log_goes_into_objects_of_its_own_and_stays_whole()
    {
        await using var store = await _bed.OpenAsync();
        var refs = (IRefStore)store;
        string? value = null;
        for (var i = 0; i < 300; i++)
            Assert.True(await refs.TryMoveAsync("long/name", value, value = $"{i} {new string('x', 400)}", $"note {i}"));
        Assert.True(_bed.Server!["refs/long/name"].Length < 40_000);
        Assert.Contains(_bed.Server.Keys, static key => key.StartsWith("reflogs/long/name/", StringComparison.Ordinal));
        await using var other = await _bed.OpenAsync(isReadOnly: true);
        var notes = await ((IRefStore)other).ReadLogAsync("long/name").Select(static movement => movement.Note).ToArrayAsync();
        Assert.Equal(Enumerable.Range(0, 300).Select(static i => $"note {i}"), notes);
        Assert.Equal(value, await ((IRefStore)other).ReadAsync("long/name"));
    }

    [Fact]
    public async Task Movements_of_one_mover_are_a_request_each()
    {
        await using var store = await _bed.OpenAsync();
        var refs = (IRefStore)store;
        await refs.TryMoveAsync("a", null, "0", "");
        _bed.Wire.Reset();
        for (var i = 0; i < 10; i++)
            Assert.True(await refs.TryMoveAsync("a", $"{i}", $"{i + 1}", ""));
        Assert.Equal(10, _bed.Wire.Seen.Length);
    }

    [Fact]
    public async Task A_server_that_ignores_conditions_is_refused_and_so_is_one_that_has_none()
    {
        _bed.Server!.Habit = ConditionHabit.Ignore;
        var ignored = await Assert.ThrowsAsync<UserErrorException>(() => _bed.MakeAsync());
        Assert.Contains("ignores conditions", ignored.Message, StringComparison.Ordinal);
        _bed.Server.Habit = ConditionHabit.NotOffered;
        var absent = await Assert.ThrowsAsync<UserErrorException>(() => _bed.MakeAsync());
        Assert.Contains("no conditional puts", absent.Message, StringComparison.Ordinal);
        Assert.Empty(_bed.Server.Keys);
    }

    [Fact]
    public async Task A_store_is_refused_for_writing_on_a_server_that_began_to_ignore_conditions_and_read_all_the_same()
    {
        await _bed.MakeAsync();
        Directory.Delete(_bed.Settings.Cache, recursive: true);
        _bed.Server!.Habit = ConditionHabit.Ignore;
        await Assert.ThrowsAsync<UserErrorException>(async () => await _bed.OpenAsync((_, _) => null));
        await using var store = await _bed.OpenAsync(isReadOnly: true);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await ((IRefStore)store).TryMoveAsync("a", null, "1", ""));
    }

    [Fact]
    public async Task A_store_for_one_writer_moves_references_without_conditions()
    {
        _bed.Server!.Habit = ConditionHabit.NotOffered;
        _bed.Settings = _bed.Settings with { IsSingleWriter = true };
        await using var store = await _bed.OpenAsync();
        var refs = (IRefStore)store;
        Assert.True(await refs.TryMoveAsync("a", null, "1", "one"));
        Assert.False(await refs.TryMoveAsync("a", null, "2", "no"));
        Assert.True(await refs.TryMoveAsync("a", "1", "2", "two"));
        Assert.Equal("2", await refs.ReadAsync("a"));
    }

    [Fact]
    public async Task Whether_a_server_keeps_to_conditions_is_asked_once()
    {
        await using (await _bed.OpenAsync())
        {
        }

        await using (await _bed.OpenAsync())
            Assert.Equal(0, _bed.Wire.CountOf("PUT"));
    }

    [Fact]
    public async Task A_tag_style_that_changes_with_the_server_is_found_out_again()
    {
        await using var store = await _bed.OpenAsync();
        var refs = (IRefStore)store;
        Assert.True(await refs.TryMoveAsync("a", null, "1", ""));
        _bed.Server!.Habit = ConditionHabit.BareTags;
        Assert.True(await refs.TryMoveAsync("a", "1", "2", ""));
        _bed.Server.Habit = ConditionHabit.Standard;
        Assert.True(await refs.TryMoveAsync("a", "2", "3", ""));
    }
}
