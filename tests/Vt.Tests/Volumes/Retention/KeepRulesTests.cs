using Vt.Blocks.Contracts;
using Vt.Tests.Trees;
using Vt.Volumes.Retention;

namespace Vt.Tests.Volumes.Retention;

public sealed class KeepRulesTests
{
    static readonly DateTimeOffset _now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_goes_is_what_no_rule_keeps() => Samples.ForAll(
        static random => random,
        random =>
        {
            string[] units = ["s", "m", "h", "d"];
            var rules = Enumerable.Range(0, random.Next(1, 4)).Select(_ => (Every: random.Next(1, 50), For: random.Next(50, 500), Unit: units[random.Next(4)])).ToList();
            var span = TimeSpan.FromSeconds(Math.Pow(10, 2 + (random.NextDouble() * 6)));
            var points = Enumerable.Range(0, random.Next(60)).Select(_ => _now - TimeSpan.FromSeconds(Math.Round(span.TotalSeconds * (random.NextDouble() - 0.05)))).Distinct().ToList();
            var thinned = KeepRules.Parse(string.Join(',', rules.Select(static rule => $"{rule.Every}{rule.Unit}:{rule.For}{rule.Unit}"))).FindThinned(points, _now);

            // Pairwise: a rule keeps a point that is young enough and has none before it in its stretch.
            var expected = points.Where(point => point <= _now && point != points.Max() && !rules.Any(rule =>
            {
                var unit = rule.Unit switch { "s" => 1L, "m" => 60, "h" => 3600, _ => 86400 };
                return (_now - point).TotalSeconds <= rule.For * unit
                    && !points.Any(other => other < point && other.ToUnixTimeSeconds() / (rule.Every * unit) == point.ToUnixTimeSeconds() / (rule.Every * unit));
            }));
            Assert.Equal(expected.Order(), thinned);
        },
        tests: 500);

    [Fact]
    public void Thinning_each_time_leaves_as_many_as_the_schedule_has_places()
    {
        var rules = KeepRules.Parse("10m:1d,1h:1w,1d:30d");
        var points = new List<DateTimeOffset>();
        for (var at = _now - TimeSpan.FromDays(60); at <= _now; at += TimeSpan.FromMinutes(10))
        {
            points.Add(at);
            foreach (var gone in rules.FindThinned(points, at))
                points.Remove(gone);
        }

        Assert.Equal(145, points.Count(static point => _now - point <= TimeSpan.FromDays(1)));
        Assert.Equal(6 * 24, points.Count(static point => _now - point > TimeSpan.FromDays(1) && _now - point <= TimeSpan.FromDays(7)));
        Assert.Equal(23, points.Count(static point => _now - point > TimeSpan.FromDays(7)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10m")]
    [InlineData("10m:1d,")]
    [InlineData("1d:10m")]
    [InlineData("0m:1d")]
    [InlineData("10:1d")]
    [InlineData("10x:1d")]
    [InlineData("-1m:1d")]
    [InlineData("1m:99999999999999d")]
    public void What_is_no_schedule_is_refused(string text) => Assert.Throws<UserErrorException>(() => KeepRules.Parse(text));
}
