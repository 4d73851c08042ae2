using System.Text.RegularExpressions;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Tests.Trees;

public sealed class ArchiveTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("vt-archive-").FullName;
    readonly ManualClock _clock = new();
    readonly ArchiveFile _archive;
    readonly string _path;

    public ArchiveTests()
    {
        _path = Path.Combine(_folder, "a b.vt");
        _archive = new ArchiveFile(_path, _clock);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task States_come_back_in_their_order()
    {
        var roots = await FillAsync(5);
        var contents = _archive.ReadAll();
        Assert.Empty(contents.Faults);
        Assert.NotNull(contents.Id);
        Assert.Equal(roots, contents.States.Select(static state => state.Root));
        Assert.Equal(roots.Reverse(), _archive.ReadBackwards().Select(static state => state.Root));
        Assert.Equal(roots[^1], _archive.ReadLast()!.Root);
        Assert.Equal(TimeSpan.FromHours(2), contents.States[0].Offset);
    }

    [Fact]
    public async Task The_file_reads_well()
    {
        await FillAsync(1);
        var lines = await File.ReadAllLinesAsync(_path);
        Assert.Matches(new Regex("^#vt-archive 1 [0-9a-f-]{36} [0-9a-f]{8}$"), lines[0]);
        Assert.StartsWith("2026-11-21T09:00:00+02:00 1795244400.000000000 D{mode:01,ref:", lines[1]);
        Assert.Matches(new Regex(" [0-9a-f]{8}$"), lines[1]);
    }

    [Fact]
    public async Task A_root_that_is_the_newest_is_not_appended_again()
    {
        var roots = await FillAsync(2);
        var before = await File.ReadAllBytesAsync(_path);
        Assert.Null(await _archive.AppendAsync(roots[1], null));
        Assert.Equal(before, await File.ReadAllBytesAsync(_path));
        Assert.NotNull(await _archive.AppendAsync(roots[0], null));
    }

    [Fact]
    public async Task A_date_finds_the_newest_state_that_is_not_younger()
    {
        var roots = await FillAsync(4);
        Assert.Null(_archive.FindAt(new Timestamp(1, 0)));
        var states = _archive.ReadAll().States;
        for (var i = 0; i < states.Count; i++)
        {
            Assert.Equal(roots[i], _archive.FindAt(states[i].When)!.Root);
            Assert.Equal(roots[i], _archive.FindAt(new Timestamp(states[i].When.Seconds + 30, 0))!.Root);
        }
    }

    [Fact]
    public async Task Whatever_a_crash_leaves_of_a_line_is_passed_over_and_cut_off()
    {
        await FillAsync(2);
        var two = await File.ReadAllBytesAsync(_path);
        var third = Root(3);
        await _archive.AppendAsync(third, null);
        var three = await File.ReadAllBytesAsync(_path);
        for (var length = two.Length; length <= three.Length; length++)
        {
            await File.WriteAllBytesAsync(_path, three[..length]);

            // A line that lacks its end only is whole.
            var expected = length < three.Length - 1 ? 2 : 3;
            var contents = _archive.ReadAll();
            Assert.Empty(contents.Faults);
            Assert.Equal(expected, contents.States.Count);
            Assert.Equal(expected == 3 ? third : Root(2), _archive.ReadLast()!.Root);
            Assert.NotNull(await _archive.AppendAsync(Root(4), null));
            contents = _archive.ReadAll();
            Assert.Empty(contents.Faults);
            Assert.Equal(expected + 1, contents.States.Count);
        }
    }

    [Fact]
    public async Task Whatever_a_crash_leaves_of_the_first_write_is_no_obstacle()
    {
        await FillAsync(1);
        var whole = await File.ReadAllBytesAsync(_path);
        var firstLine = Array.IndexOf(whole, (byte)'\n');
        for (var length = 0; length <= firstLine + 20; length++)
        {
            await File.WriteAllBytesAsync(_path, whole[..length]);
            Assert.NotNull(await _archive.AppendAsync(Root(1), null));
            var contents = _archive.ReadAll();
            Assert.Empty(contents.Faults);
            Assert.NotNull(contents.Id);
            Assert.Single(contents.States);
        }
    }

    [Fact]
    public async Task A_damaged_line_is_reported_with_its_number_and_the_others_serve()
    {
        var roots = await FillAsync(5);
        var whole = await File.ReadAllBytesAsync(_path);
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var bytes = whole.ToArray();
            var at = random.Next(bytes.Length - 1);
            if (bytes[at] == '\n')
                continue;
            bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(_path, bytes);
            var line = whole.Take(at).Count(static b => b == '\n') + 1;
            var contents = _archive.ReadAll();
            Assert.Contains(line, contents.Faults.Select(static fault => fault.Line));
            Assert.Equal(
                roots.Where((_, n) => n + 2 != line),
                contents.States.Select(static state => state.Root));
            Assert.Equal(contents.States.Reverse(), _archive.ReadBackwards());
        }
    }

    [Fact]
    public async Task Comments_and_empty_lines_are_for_people()
    {
        var roots = await FillAsync(1);
        await File.AppendAllTextAsync(_path, "# moved to the attic\n\n");
        await _archive.AppendAsync(Root(2), null);
        var contents = _archive.ReadAll();
        Assert.Empty(contents.Faults);
        Assert.Equal([roots[0], Root(2)], contents.States.Select(static state => state.Root));
    }

    [Fact]
    public async Task Lines_longer_than_a_buffer_are_read_from_both_ends()
    {
        var roots = await FillAsync(2);
        await File.AppendAllTextAsync(_path, "#" + new string('x', 300_000) + "\n");
        await _archive.AppendAsync(Root(3), null);
        Assert.Equal([roots[0], roots[1], Root(3)], _archive.ReadAll().States.Select(static state => state.Root));
        Assert.Equal([Root(3), roots[1], roots[0]], _archive.ReadBackwards().Select(static state => state.Root));
    }

    [Fact]
    public async Task A_long_archive_reads_alike_from_both_ends()
    {
        await FillAsync(1);
        var line = (await File.ReadAllLinesAsync(_path))[1];
        await File.AppendAllLinesAsync(_path, Enumerable.Repeat(line, 2000));
        Assert.Equal(2001, _archive.ReadAll().States.Count);
        Assert.Equal(2001, _archive.ReadBackwards().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("some notes")]
    [InlineData("some notes\nof mine\n")]
    [InlineData("#!/bin/sh\necho\n")]
    public async Task A_file_that_is_something_else_is_left_alone(string text)
    {
        await File.WriteAllTextAsync(_path, text);
        if (text.Length > 0)
        {
            Assert.Throws<UserErrorException>(() => _archive.ReadAll());
            Assert.Throws<UserErrorException>(() => _archive.ReadLast());
            await Assert.ThrowsAsync<UserErrorException>(async () => await _archive.AppendAsync(Root(1), null));
            Assert.Equal(text, await File.ReadAllTextAsync(_path));
        }
        else
        {
            Assert.Null(_archive.ReadLast());
        }
    }

    [Fact]
    public async Task An_archive_that_is_not_there_or_a_folder_is_the_user_s_error()
    {
        Assert.Throws<UserErrorException>(() => _archive.ReadLast());
        Assert.False(_archive.Exists);
        Directory.CreateDirectory(_path);
        Assert.Throws<UserErrorException>(() => _archive.ReadAll());
        await Assert.ThrowsAnyAsync<Exception>(async () => await _archive.AppendAsync(Root(1), null));
    }

    [Fact]
    public async Task Appends_at_once_all_arrive()
    {
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Task.Run(async () =>
            Assert.NotNull(await new ArchiveFile(_path, _clock).AppendAsync(Root(i), null)))));
        var contents = _archive.ReadAll();
        Assert.Empty(contents.Faults);
        Assert.Equal(20, contents.States.Select(static state => state.Root).Distinct().Count());
    }

    [Fact]
    public async Task An_archive_registers_where_its_blocks_are()
    {
        var refs = new MemoryRefs();
        await _archive.AppendAsync(Root(1), refs);
        await _archive.AppendAsync(Root(2), refs);
        await _archive.AppendAsync(Root(2), refs);
        var id = _archive.ReadAll().Id!.Value;
        var (name, log) = Assert.Single(refs.Logs);
        Assert.Equal($"archives/{id}", name);
        Assert.Equal([false, true, false, true], log.Select(static value => ArchiveRegistration.Parse(value).IsConfirmed));
        var registration = ArchiveRegistration.Parse(log[^1]);
        Assert.Equal(Root(2), registration.Root);
        Assert.Equal(_path, registration.Path);
        Assert.Equal(TimeSpan.FromHours(2), registration.Offset);
        Assert.EndsWith("/a%20b.vt offset=+02:00", log[^2]);
        Assert.EndsWith("/a%20b.vt offset=+02:00 confirmed", log[^1]);
    }

    [Fact]
    public void Registrations_come_back_from_their_text() => Samples.ForAll(
        static random => new ArchiveRegistration(new Timestamp(random.Next(), 5), Samples.Dirent(random), $"/é %/\n{random.Next()}")
        {
            Offset = TimeSpan.FromMinutes(random.Next(-840, 841)),
            IsConfirmed = random.Next(2) == 0,
            Further = random.Next(2) == 0 ? "" : " later=1 words",
        },
        static registration => Assert.Equal(registration, ArchiveRegistration.Parse(registration.ToString())));

    [Fact]
    public void A_registration_of_an_earlier_version_is_a_state_that_nobody_confirmed()
    {
        var registration = ArchiveRegistration.Parse($"1795244400.000000005 {Root(1)} /a%20b.vt");
        Assert.Equal(new ArchiveRegistration(new Timestamp(1795244400, 5), Root(1), "/a b.vt"), registration);
        Assert.False(registration.IsConfirmed);
    }

    [Theory]
    [InlineData("offset=")]
    [InlineData("offset=2")]
    [InlineData("offset=+2:00")]
    [InlineData("offset=+15:00")]
    [InlineData("offset=+00:99")]
    [InlineData("offset=02:00")]
    public void A_registration_with_an_impossible_distance_from_UTC_is_refused(string word)
    {
        var text = $"1795244400.000000005 {Root(1)} /a.vt {word}";
        Assert.Throws<FormatInvalidException>(() => ArchiveRegistration.Parse(text));
        Assert.Null(ArchiveRegistration.TryParse(text));
    }

    [Theory]
    [InlineData("2026-11-21", 1795298399, 999_999_999)]
    [InlineData("2026-11-21Z", 1795305599, 999_999_999)]
    [InlineData("2026-11-21T09:00", 1795244459, 999_999_999)]
    [InlineData("2026-11-21T09:00:00", 1795244400, 999_999_999)]
    [InlineData("2026-11-21T07:00:00Z", 1795244400, 999_999_999)]
    [InlineData("2026-11-21T09:00:00+02:00", 1795244400, 999_999_999)]
    [InlineData("2026-11-21T09:00:00.25+02:00", 1795244400, 250_000_099)]
    [InlineData("1795244400", 1795244400, 999_999_999)]
    [InlineData("1795244400.5", 1795244400, 500_000_000)]
    public void A_date_means_its_last_moment(string text, long seconds, uint nanoseconds)
    {
        Assert.True(ArchiveDate.TryParse(text, _clock.LocalTimeZone, out var last));
        Assert.Equal(new Timestamp(seconds, nanoseconds), last);
    }

    [Theory]
    [InlineData("2026-11-21", 1795212000)]
    [InlineData("2026-11-21T09:00", 1795244400)]
    [InlineData("1795244400", 1795244400)]
    public void A_date_begins_with_its_first_moment(string text, long seconds)
    {
        Assert.True(ArchiveDate.TryParse(text, _clock.LocalTimeZone, out var first, out _));
        Assert.Equal(new Timestamp(seconds, 0), first);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-13-01")]
    [InlineData("2026-11-21T25:00")]
    public void What_is_no_date_is_refused(string text) => Assert.False(ArchiveDate.TryParse(text, _clock.LocalTimeZone, out _));

    [Theory]
    [InlineData("x.vt", "x.vt", null, "")]
    [InlineData("x.vt/", "x.vt", null, "")]
    [InlineData("x.vt/a/b", "x.vt", null, "a/b")]
    [InlineData("x.vt@2026-11-21T07:30/a@b", "x.vt", "2026-11-21T07:30", "a@b")]
    [InlineData("/d.vt/x.vt@5/a", "/d.vt/x.vt", "5", "a")]
    [InlineData("/home/me@host/new.vt/a.vt/b", "/home/me@host/new.vt", null, "a.vt/b")]
    [InlineData("odd/a", "odd", null, "a")]
    [InlineData("odd@5/a", "odd", "5", "a")]
    [InlineData("none/at/all", "none/at/all", null, "")]
    public void A_path_is_taken_apart(string text, string archive, string? date, string subPath)
    {
        var reference = RootReference.Parse(text, static path => path is "x.vt" or "/d.vt/x.vt" or "odd");
        Assert.Equal(archive, reference.ArchivePath);
        Assert.Equal(date, reference.Date);
        Assert.Equal(subPath, System.Text.Encoding.UTF8.GetString(reference.SubPath.Span));
    }

    [Fact]
    public void Every_dirent_and_block_reference_can_be_pasted() => Samples.ForAll(
        static random => (Dirent: Samples.Dirent(random), Content: Samples.Ref(random)),
        static sample =>
        {
            Assert.Equal(sample.Dirent, RootReference.Parse(sample.Dirent.ToString()).Root);
            Assert.Equal(sample.Dirent, RootReference.Parse($"{sample.Dirent}/a/b").Root);
            Assert.Equal(sample.Content, RootReference.Parse(sample.Content.ToString()).Root!.Content);
            Assert.Equal(DirentKind.File, RootReference.Parse(sample.Content.ToString()).Root!.Kind);
            Assert.Equal(DirentKind.Directory, RootReference.Parse($"{sample.Content}/").Root!.Kind);
        });

    [Theory]
    [InlineData("")]
    [InlineData("F{")]
    [InlineData("B{zz}")]
    [InlineData("F{name:\"a\"}b")]
    public void What_is_no_reference_is_the_user_s_error(string text) => Assert.Throws<UserErrorException>(() => RootReference.Parse(text));

    [Fact]
    public async Task A_reference_finds_the_state_that_it_means()
    {
        var roots = await FillAsync(3);
        var states = _archive.ReadAll().States;
        Assert.Equal(roots[2], RootReference.Parse(_path).LoadRoot(_clock));
        Assert.Equal(roots[1], RootReference.Parse($"{_path}@{states[1].Date:yyyy-MM-ddTHH:mm}").LoadRoot(_clock));
        Assert.Throws<UserErrorException>(() => RootReference.Parse($"{_path}@2001-01-01").LoadRoot(_clock));
        Assert.Throws<UserErrorException>(() => RootReference.Parse($"{_path}@soon").LoadRoot(_clock));
    }

    static Dirent Root(int number) => new()
    {
        Kind = DirentKind.Directory,
        Metadata = new Metadata { Mode = (uint)number },
        Content = BlockRef.Run((byte)number, number),
    };

    async Task<Dirent[]> FillAsync(int count)
    {
        var roots = Enumerable.Range(1, count).Select(Root).ToArray();
        foreach (var root in roots)
        {
            Assert.NotNull(await _archive.AppendAsync(root, null));
            _clock.Now += TimeSpan.FromMinutes(1);
        }

        return roots;
    }

    sealed class MemoryRefs : IRefStore
    {
        public Dictionary<string, List<string>> Logs { get; } = [];

        public ValueTask<string?> ReadAsync(string name, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Logs.TryGetValue(name, out var log) ? log[^1] : null);

        public IAsyncEnumerable<string> ListAsync(string prefix = "", CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public async ValueTask<bool> TryMoveAsync(string name, string? expected, string? value, string note, CancellationToken cancellationToken = default)
        {
            if (await ReadAsync(name, cancellationToken) != expected)
                return false;
            Logs.TryAdd(name, []);
            Logs[name].Add(value!);
            return true;
        }

        public IAsyncEnumerable<RefMovement> ReadLogAsync(string name, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
