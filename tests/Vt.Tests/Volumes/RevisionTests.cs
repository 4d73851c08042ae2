using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Memory;
using Vt.Tests.Trees;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;
using Vt.Volumes.Revisions;

namespace Vt.Tests.Volumes;

public sealed class RevisionTests : IAsyncLifetime
{
    readonly ManualClock _clock = new();
    readonly MemoryStore _store;
    readonly List<BlockHash> _main = [];
    Volume _volume = null!;
    RevisionResolver _resolver = null!;

    public RevisionTests()
    {
        _store = new MemoryStore(time: _clock);
    }

    // Four commits, a day apart, the last at noon of the 24th by UTC; then a side branch of one and a merge.
    public async Task InitializeAsync()
    {
        _clock.Now = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        _volume = await new VolumeCatalog(_store).CreateAsync("v", "main");
        for (var i = 0; i < 4; i++)
        {
            _clock.Now += TimeSpan.FromDays(1);
            _main.Add(await CommitAsync("main", $"number {i}"));
        }

        _resolver = new RevisionResolver(_volume, "main", _clock);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Theory]
    [InlineData("HEAD", 3)]
    [InlineData("@", 3)]
    [InlineData("main", 3)]
    [InlineData("HEAD^", 2)]
    [InlineData("HEAD^^", 1)]
    [InlineData("HEAD^^^", 0)]
    [InlineData("HEAD~3", 0)]
    [InlineData("HEAD~", 2)]
    [InlineData("@~1^", 1)]
    [InlineData("main~2^0", 1)]
    [InlineData("main@{0}", 3)]
    [InlineData("main@{2}", 1)]
    [InlineData("main@{2}^", 0)]
    [InlineData("@{1}", 2)]
    [InlineData("main@{yesterday}", 2)]
    [InlineData("main@{2 days ago}", 1)]
    [InlineData("main@{3.days.ago}", 0)]
    [InlineData("main@{2026-11-22}", 1)]
    [InlineData("main@{2026-11-22T13:59}", 0)]
    [InlineData("main@{2026-11-22T12:00Z}", 1)]
    [InlineData("2026-11-23", 2)]
    [InlineData("yesterday", 2)]
    [InlineData("1.week.ago~0", -1)]
    public async Task Revisions_mean_what_users_of_git_expect(string text, int expected)
    {
        if (expected < 0)
            await FailsAsync("no commit then", text);
        else
            Assert.Equal(_main[expected], await _resolver.ResolveAsync(text));
    }

    [Fact]
    public async Task Tags_names_and_beginnings_of_names_are_found()
    {
        await _volume.SetTagAsync("v1.0", _main[1], mayMove: false, "tag");
        Assert.Equal(_main[1], await _resolver.ResolveAsync("v1.0"));
        Assert.Equal(_main[0], await _resolver.ResolveAsync("v1.0^"));
        Assert.Equal(_main[2], await _resolver.ResolveAsync(_main[2].ToString()));
        var digits = Convert.ToHexStringLower(_main[2].Digest);
        Assert.Equal(_main[2], await _resolver.ResolveAsync(digits));
        Assert.Equal(_main[2], await _resolver.ResolveAsync(digits[..12]));
        Assert.Equal(_main[2], await _resolver.ResolveAsync(digits[..12].ToUpperInvariant()));
        Assert.Equal(_main[1], await _resolver.ResolveAsync(digits[..12] + "^"));
        await FailsAsync("no branch, tag or commit", digits[..3]);
    }

    [Fact]
    public async Task A_commit_that_no_branch_has_any_more_is_found_by_its_name()
    {
        Assert.True(await _volume.TryMoveAsync("main", _main[3], _main[1], "reset"));
        Assert.Equal(_main[3], await _resolver.ResolveAsync(Convert.ToHexStringLower(_main[3].Digest)[..10]));
        Assert.Equal(_main[3], await _resolver.ResolveAsync("main@{1}"));
    }

    [Fact]
    public async Task The_beginning_of_several_names_is_refused()
    {
        // Of a few hundred commits two begin with the same digits somewhere.
        var seen = new Dictionary<string, BlockHash>();
        for (var i = 0; ; i++)
        {
            var id = await CommitAsync("main", $"more {i}");
            if (!seen.TryAdd(Convert.ToHexStringLower(id.Digest)[..4], id))
            {
                await FailsAsync("is the beginning of 2", Convert.ToHexStringLower(id.Digest)[..4]);
                return;
            }
        }
    }

    [Fact]
    public async Task The_second_parent_of_a_merge_is_found()
    {
        await _volume.CreateBranchAsync("side", _main[1], "branch");
        var aside = await CommitAsync("side", "aside");
        var merged = await _volume.Commits.AddAsync(VolumeSamples.Of(new Dirent { Kind = DirentKind.Directory }, "merged", _clock, _main[3], aside));
        Assert.True(await _volume.TryMoveAsync("main", _main[3], merged, "merge side"));
        Assert.Equal(aside, await _resolver.ResolveAsync("HEAD^2"));
        Assert.Equal(_main[1], await _resolver.ResolveAsync("HEAD^2^"));
        Assert.Equal(_main[3], await _resolver.ResolveAsync("HEAD^1"));
        await FailsAsync("2 of them", "HEAD^3");
    }

    [Theory]
    [InlineData("HEAD~4", "beyond the beginning")]
    [InlineData("HEAD^^^^", "beyond the beginning")]
    [InlineData("main@{4}", "beyond the beginning")]
    [InlineData("main@{99}", "beyond the beginning")]
    [InlineData("nothing", "no branch, tag or commit 'nothing' in v")]
    [InlineData("nothing@{1}", "no branch 'nothing'")]
    [InlineData("main@{someday}", "is no date")]
    [InlineData("main@{", "needs a number or a date")]
    [InlineData("main@{}", "needs a number or a date")]
    [InlineData("main~1@{1}", "follows a branch's name")]
    [InlineData("main^x", "can't follow")]
    [InlineData("main~99999999999", "too large")]
    [InlineData("no/such", "no branch, tag or commit")]
    [InlineData("^", "nothing stands before it")]
    [InlineData("a^@b", "a volume's name")]
    public async Task What_names_no_commit_is_refused_with_the_reason(string text, string why) => await FailsAsync(why, text);

    [Theory]
    [InlineData("v@main", "v", "main")]
    [InlineData("v@", "v", "HEAD")]
    [InlineData("v@HEAD~2", "v", "HEAD")]
    [InlineData("v@main@{1}", "v", "main")]
    [InlineData("main@{1}", null, "main")]
    [InlineData("@{1}", null, "HEAD")]
    [InlineData("@", null, "HEAD")]
    [InlineData("v@feature/x^", "v", "feature/x")]
    public void A_volume_stands_before_an_at_sign(string text, string? volume, string name)
    {
        var revision = Revision.Parse(text);
        Assert.Equal((volume, name), (revision.Volume, revision.Name));
        Assert.Equal(text, revision.ToString());
    }

    [Fact]
    public async Task A_branch_is_told_from_a_commit()
    {
        Assert.Equal("main", await _resolver.FindBranchAsync(Revision.Parse("HEAD")));
        Assert.Equal("main", await _resolver.FindBranchAsync(Revision.Parse("v@main")));
        Assert.Null(await _resolver.FindBranchAsync(Revision.Parse("main^")));
        Assert.Null(await _resolver.FindBranchAsync(Revision.Parse("other")));
        await _volume.CreateBranchAsync("empty", null, "made");
        await FailsAsync("v@empty has no commit yet", "empty");
    }

    [Fact]
    public void Any_text_is_a_revision_or_is_refused() => Samples.ForAll(
        random => new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => "ab@@{}^~12/. "[random.Next(13)])]),
        text =>
        {
            try
            {
                Assert.Equal(text, Revision.Parse(text).Text);
            }
            catch (UserErrorException)
            {
                // Refused.
            }
        },
        tests: 5000);

    [Theory]
    [InlineData("now", "2026-11-24T12:00:00")]
    [InlineData("yesterday", "2026-11-23T12:00:00")]
    [InlineData("noon", "2026-11-24T10:00:00")]
    [InlineData("midnight", "2026-11-23T22:00:00")]
    [InlineData("last week", "2026-11-17T12:00:00")]
    [InlineData("1 month 2 days ago", "2026-10-22T12:00:00")]
    [InlineData("90.minutes.ago", "2026-11-24T10:30:00")]
    [InlineData("a-year-ago", "2025-11-24T12:00:00")]
    [InlineData("2026-11-21", "2026-11-21T21:59:59")]
    [InlineData("2026-11-21 07:30:00", "2026-11-21T05:30:00")]
    [InlineData("99999 years ago", "0001-01-01T00:00:00")]
    [InlineData("12", null)]
    [InlineData("3 days of rain", null)]
    [InlineData("", null)]
    public void Dates_are_read_as_people_say_them(string text, string? expected)
    {
        var isDate = LooseDate.TryParse(text, _clock.GetUtcNow(), _clock.LocalTimeZone, out var last);
        Assert.Equal(expected is not null, isDate);
        if (expected is not null)
            Assert.Equal(expected, last.ToDateTimeOffset().ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
    }

    async Task<BlockHash> CommitAsync(string branch, string message) => (await _volume.CommitAsync(
        branch,
        (tip, _) => ValueTask.FromResult<Commit?>(VolumeSamples.Of(new Dirent { Kind = DirentKind.Directory }, message, _clock, tip is { } parent ? [parent] : []))))!.Value;

    async Task FailsAsync(string why, string text) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<UserErrorException>(async () => await _resolver.ResolveAsync(text))).Message, StringComparison.Ordinal);
}
