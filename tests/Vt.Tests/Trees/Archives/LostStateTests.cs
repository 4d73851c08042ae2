using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees.Archives;

/// <summary>What a store tells of an archive file whose end is not what it was.</summary>
public sealed class LostStateTests : IAsyncLifetime
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly ManualClock _clock = new();
    readonly MemoryStore _store = new(HashAlgorithms.GetHasher(HashAlgorithms.Default));
    readonly List<ArchiveState> _restored = [];
    readonly string _path;
    readonly ArchiveFile _archive;

    public LostStateTests()
    {
        _path = _folder["a.vt"];
        _archive = At("a.vt");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_cut_behind_the_first_line_loses_exactly_the_states_that_it_cut()
    {
        await FillAsync(_archive, 1, 2, 3);
        var whole = await File.ReadAllBytesAsync(_path);
        var ends = Enumerable.Range(0, whole.Length).Where(i => whole[i] == '\n').ToArray();
        for (var length = ends[0] + 1; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(_path, whole[..length]);

            // A line that lacks only its line feed is whole.
            var left = ends.Count(end => end <= length) - 1;
            Assert.Equal(string.Join(",", Numbers(left + 1, 3)), await LostAsync(_archive));
        }
    }

    [Fact]
    public async Task Zeros_over_the_end_lose_what_they_cover_and_an_append_puts_it_back()
    {
        await FillAsync(_archive, 1, 2, 3);
        var whole = await File.ReadAllBytesAsync(_path);
        var ends = Enumerable.Range(0, whole.Length).Where(i => whole[i] == '\n').ToArray();
        for (var start = ends[0] + 1; start < whole.Length; start += 7)
        {
            var zeroed = whole.ToArray();
            zeroed.AsSpan(start).Clear();
            await File.WriteAllBytesAsync(_path, zeroed);
            var left = ends.Count(end => end < start) - 1;
            Assert.Equal(string.Join(",", Numbers(left + 1, 3)), await LostAsync(_archive));
            Assert.Null(await _archive.AppendAsync(Root(3), _store));
            Assert.Equal(whole, await File.ReadAllBytesAsync(_path));
            Assert.Empty(await LostAsync(_archive));
        }
    }

    [Fact]
    public async Task Flips_in_the_last_line_lose_it_and_an_append_puts_it_in_the_damaged_lines_place()
    {
        await FillAsync(_archive, 1, 2, 3);
        var whole = await File.ReadAllBytesAsync(_path);
        var start = Array.LastIndexOf(whole, (byte)'\n', whole.Length - 2) + 1;
        var random = new Random(5);
        for (var at = start; at < whole.Length; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(_path, damaged);
            Assert.Equal("3", await LostAsync(_archive));
            await _archive.RestoreAsync(_store);
            Assert.Equal(whole, await File.ReadAllBytesAsync(_path));
            Assert.Equal(Root(3), _restored[^1].Root);
        }
    }

    [Fact]
    public async Task What_was_lost_comes_before_the_state_that_is_appended()
    {
        await FillAsync(_archive, 1, 2, 3);
        var whole = await File.ReadAllBytesAsync(_path);
        await File.WriteAllBytesAsync(_path, whole[..(whole.Length / 2)]);
        await FillAsync(_archive, 4);
        var contents = _archive.ReadAll();
        Assert.Empty(contents.Faults);
        Assert.Equal(Numbers(1, 4).Select(Root), contents.States.Select(static state => state.Root));
        Assert.All(contents.States, static state => Assert.Equal(TimeSpan.FromHours(2), state.Offset));
        Assert.Equal(contents.States.OrderBy(static state => state.When), contents.States);
        Assert.True((await File.ReadAllBytesAsync(_path)).AsSpan().StartsWith(whole));
        Assert.Empty(await LostAsync(_archive));
    }

    [Fact]
    public async Task A_state_that_is_known_and_confirmed_costs_no_write()
    {
        await FillAsync(_archive, 1, 2);
        var crossings = 0;
        var log = await LogAsync();
        var watched = new ArchiveFile(_path, _clock, new WriteBoundary((step, _, _) => crossings += step == WriteStep.Create ? 0 : 1));
        Assert.Null(await watched.AppendAsync(Root(2), _store));
        await watched.RestoreAsync(_store);
        Assert.Equal(0, crossings);
        Assert.Equal(log, await LogAsync());
    }

    [Fact]
    public async Task A_state_that_was_written_but_not_confirmed_is_made_durable_and_confirmed_by_the_next_append()
    {
        // As a writer leaves it that ends between the line and the confirmation, or an earlier version always.
        await FillAsync(_archive, 1);
        var id = _archive.ReadAll().Id!.Value;
        await FillAsync(_archive, null, 2);
        var state = _archive.ReadLast()!;
        await ArchiveRegistration.Of(state, _path).RegisterAsync(_store, id);
        Assert.Empty(await LostAsync(_archive));

        var steps = new List<WriteStep>();
        var watched = new ArchiveFile(_path, _clock, new WriteBoundary((step, _, isDone) =>
        {
            if (isDone)
                steps.Add(step);
        }));
        Assert.Null(await watched.AppendAsync(Root(2), _store));
        Assert.Equal([WriteStep.Create, WriteStep.SyncFile, WriteStep.SyncFolder], steps);
        Assert.True(ArchiveRegistration.Parse((await LogAsync())[^1]).IsConfirmed);
        Cut(_path, 10);
        Assert.Equal("2", await LostAsync(_archive));
    }

    [Fact]
    public async Task A_state_that_was_never_confirmed_is_no_loss()
    {
        await FillAsync(_archive, 1, 2);
        var id = _archive.ReadAll().Id!.Value;
        await ArchiveRegistration.Of(new ArchiveState(new Timestamp(1795999999, 0), default, Root(3)), _path).RegisterAsync(_store, id);
        Assert.Empty(await LostAsync(_archive));
        await File.AppendAllTextAsync(_path, "2026-11-21T09:02:00+02:00 17952");
        Assert.Empty(await LostAsync(_archive));

        // What the loss of power may leave of a line that was not synced.
        await File.WriteAllBytesAsync(_path, [.. await File.ReadAllBytesAsync(_path), .. new byte[300]]);
        Assert.Empty(await LostAsync(_archive));
        Assert.Empty(_archive.ReadAll().Faults);

        // And what was confirmed before is still known.
        Cut(_path, 400);
        Assert.Equal("2", await LostAsync(_archive));
        await FillAsync(_archive, 4);
        Assert.Equal([Root(1), Root(2), Root(4)], _archive.ReadAll().States.Select(static state => state.Root));
    }

    [Fact]
    public async Task An_older_copy_that_was_put_back_lacks_what_came_later()
    {
        await FillAsync(_archive, 1);
        var older = await File.ReadAllBytesAsync(_path);
        await FillAsync(_archive, 2, 3);
        await File.WriteAllBytesAsync(_path, older);
        Assert.Equal("2,3", await LostAsync(_archive));
        Assert.NotNull(await _archive.AppendAsync(Root(1), _store));
        Assert.Equal([Root(1), Root(2), Root(3), Root(1)], _archive.ReadAll().States.Select(static state => state.Root));
    }

    [Fact]
    public async Task A_copy_elsewhere_lacks_nothing_while_the_original_is_there_and_all_when_it_is_gone()
    {
        await FillAsync(_archive, 1);
        var copy = At("copy.vt");
        File.Copy(_path, copy.Path);
        await FillAsync(_archive, 2);
        Assert.Empty(await LostAsync(copy));
        File.Delete(_path);
        Assert.Equal("2", await LostAsync(copy));
        await copy.RestoreAsync(_store);
        Assert.Equal([Root(1), Root(2)], copy.ReadAll().States.Select(static state => state.Root));
    }

    [Fact]
    public async Task Two_copies_that_go_on_each_for_itself_lack_their_own_states_only()
    {
        await FillAsync(_archive, 1);
        var copy = At("copy.vt");
        File.Copy(_path, copy.Path);
        await FillAsync(_archive, 2);
        await FillAsync(copy, 3);
        await FillAsync(_archive, 4);
        Assert.Empty(await LostAsync(_archive));
        Assert.Empty(await LostAsync(copy));
        Cut(copy.Path, 10);
        Assert.Equal("3", await LostAsync(copy));

        // On a medium that is not there at the moment.
        File.Move(copy.Path, _folder["away.vt"]);
        Cut(_path, 10);
        Assert.Equal("4", await LostAsync(_archive));
        await FillAsync(_archive, 5);
        Assert.Equal([Root(1), Root(2), Root(4), Root(5)], _archive.ReadAll().States.Select(static state => state.Root));
    }

    [Fact]
    public async Task An_archive_that_was_moved_and_then_damaged_lacks_its_states()
    {
        await FillAsync(_archive, 1, 2);
        var moved = At("moved.vt");
        File.Move(_path, moved.Path);
        Assert.Empty(await LostAsync(moved));
        await FillAsync(_archive, 9);
        Cut(moved.Path, 10);
        Assert.Equal("2", await LostAsync(moved));
        await FillAsync(moved, 3);
        Assert.Equal(Numbers(1, 3).Select(Root), moved.ReadAll().States.Select(static state => state.Root));
        Assert.Empty(await LostAsync(moved));
        Assert.Empty(await LostAsync(_archive));
    }

    [Fact]
    public async Task Another_name_of_the_same_file_changes_nothing()
    {
        await FillAsync(_archive, 1, 2);
        File.CreateSymbolicLink(_folder["link.vt"], _path);
        var link = At("link.vt");
        Assert.Empty(await LostAsync(link));
        Cut(_path, 10);
        Assert.Equal("2", await LostAsync(link));
    }

    [Fact]
    public async Task A_store_that_knows_nothing_of_the_archive_tells_nothing()
    {
        await FillAsync(_archive, null, 1, 2);
        Cut(_path, 10);
        Assert.Empty(await LostAsync(_archive));
        await FillAsync(_archive, 3);
        Assert.Equal([Root(1), Root(3)], _archive.ReadAll().States.Select(static state => state.Root));
    }

    [Fact]
    public async Task States_of_another_store_may_stand_between()
    {
        await using var other = new MemoryStore(HashAlgorithms.GetHasher(HashAlgorithms.Default));
        await FillAsync(_archive, 1, 2);
        await FillAsync(_archive, other, 3);
        Assert.Empty(await LostAsync(_archive));
        Assert.Empty(await _archive.FindLostAsync(other));

        // Damage in the middle: too late to put the state back in its place, and the line stays, for it could be anybody's.
        var bytes = await File.ReadAllBytesAsync(_path);
        var at = Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2) - 4;
        bytes[at] ^= 1;
        await File.WriteAllBytesAsync(_path, bytes);
        Assert.Equal([new LostState(_archive.ReadAll().States[0] with { Root = Root(2), When = Minute(1) }, IsRestorable: false)], await _archive.FindLostAsync(_store));
        await FillAsync(_archive, 4);
        Assert.Equal([Root(1), Root(3), Root(4)], _archive.ReadAll().States.Select(static state => state.Root));
        Assert.Single(_archive.ReadAll().Faults);
    }

    [Fact]
    public async Task Damaged_lines_that_nobody_can_put_back_stay()
    {
        await using var other = new MemoryStore(HashAlgorithms.GetHasher(HashAlgorithms.Default));
        await FillAsync(_archive, 1, 2);
        await FillAsync(_archive, other, 3);
        var bytes = await File.ReadAllBytesAsync(_path);
        bytes[^5] ^= 1;
        bytes[Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2) - 4] ^= 1;
        await File.WriteAllBytesAsync(_path, bytes);
        await FillAsync(_archive, 4);
        var contents = _archive.ReadAll();
        Assert.Equal([3, 4], contents.Faults.Select(static fault => fault.Line));
        Assert.Equal([Root(1), Root(2), Root(4)], contents.States.Select(static state => state.Root));
    }

    [Fact]
    public async Task A_clock_that_was_put_back_does_not_keep_a_state_from_being_put_back()
    {
        await FillAsync(_archive, 1);
        _clock.Now -= TimeSpan.FromDays(1);
        await FillAsync(_archive, 2);
        Cut(_path, 10);
        Assert.Equal("2", await LostAsync(_archive));
        await FillAsync(_archive, 3);
        Assert.Equal(Numbers(1, 3).Select(Root), _archive.ReadAll().States.Select(static state => state.Root));
    }

    [Fact]
    public async Task Words_of_a_later_version_stay_with_their_state()
    {
        await FillAsync(_archive, 1);
        var name = ArchiveRegistration.NameOf(_archive.ReadAll().Id!.Value);
        var value = (await LogAsync())[^1];
        Assert.True(await _store.TryMoveAsync(name, value, value.Replace(" confirmed", " later=1", StringComparison.Ordinal), ""));
        await _archive.AppendAsync(Root(1), _store);
        Assert.EndsWith(" confirmed later=1", (await LogAsync())[^1]);
        await FillAsync(_archive, 2);
        Assert.DoesNotContain("later", (await LogAsync())[^1], StringComparison.Ordinal);

        // A value of another form altogether is not touched by readers, and hides nothing.
        Assert.True(await _store.TryMoveAsync(name, (await LogAsync())[^1], "2 something", ""));
        Assert.Empty(await LostAsync(_archive));
        Cut(_path, 10);
        Assert.Equal("2", await LostAsync(_archive));
    }

    [Fact]
    public async Task Readers_at_the_same_time_as_writers_see_no_loss()
    {
        await FillAsync(_archive, 1);
        var writer = Task.Run(async () =>
        {
            for (var i = 2; i < 60; i++)
                await new ArchiveFile(_path, TimeProvider.System).AppendAsync(Root(i), _store);
        });
        while (!writer.IsCompleted)
            Assert.Empty(await LostAsync(_archive));
        await writer;
        Assert.Empty(await LostAsync(_archive));
    }

    ArchiveFile At(string name) => new(_folder[name], _clock) { OnRestored = _restored.Add };

    static int[] Numbers(int first, int last) => [.. Enumerable.Range(first, last - first + 1)];

    static Timestamp Minute(int number) => Timestamp.From(new ManualClock().Now.AddMinutes(number));

    static void Cut(string path, int count)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(file.Length - count);
    }

    static Dirent Root(int number) => new()
    {
        Kind = DirentKind.Directory,
        Metadata = new Metadata { Mode = (uint)number },
        Content = BlockRef.Run((byte)number, number),
    };

    Task FillAsync(ArchiveFile archive, params int[] numbers) => FillAsync(archive, _store, numbers);

    async Task FillAsync(ArchiveFile archive, IRefStore? refs, params int[] numbers)
    {
        foreach (var number in numbers)
        {
            Assert.NotNull(await archive.AppendAsync(Root(number), refs));
            _clock.Now += TimeSpan.FromMinutes(1);
        }
    }

    async Task<string> LostAsync(ArchiveFile archive) =>
        string.Join(",", (await archive.FindLostAsync(_store)).Select(static lost => lost.State.Root.Metadata.Mode));

    async Task<string[]> LogAsync()
    {
        var name = ArchiveRegistration.NameOf(_archive.ReadAll().Id!.Value);
        return [.. (await _store.ReadLogAsync(name).ToListAsync()).Select(static movement => movement.Value!)];
    }
}
