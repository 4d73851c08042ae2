using Vt.Blocks.Contracts;

namespace Vt.Volumes.Retention;

/// <summary>
/// Says which of some points in time are kept: each rule keeps the oldest of every stretch, while it is young enough; so what a rule has chosen once it keeps, however often
/// one thins. A point goes when no rule keeps it; the newest one always stays. Immutable.
/// </summary>
public sealed class KeepRules
{
    readonly KeepRule[] _rules;

    KeepRules(KeepRule[] rules)
    {
        _rules = rules;
    }

    /// <summary>Reads rules.</summary>
    /// <param name="text">Such as <c>10m:1d,1h:1w,1d:30d</c>: for a day every ten minutes, for a week every hour, for thirty days every day.</param>
    /// <exception cref="UserErrorException">The text has another form.</exception>
    public static KeepRules Parse(string text)
    {
        var rules = new List<KeepRule>();
        foreach (var part in text.Split(','))
        {
            if (part.Split(':') is not [var every, var length])
                throw new UserErrorException($"'{part}' is no rule; write EVERY:FOR, as in 10m:1d,1h:1w,1d:30d");
            var rule = new KeepRule(Durations.Parse(every), Durations.Parse(length));
            if (rule.Every > rule.For)
                throw new UserErrorException($"'{part}' keeps nothing: {every} is longer than {length}");
            rules.Add(rule);
        }

        return new KeepRules([.. rules]);
    }

    /// <summary>The points that are to go.</summary>
    /// <param name="points">All there are, each once.</param>
    /// <param name="now">From when their age counts; what is younger than that stays.</param>
    public IReadOnlyList<DateTimeOffset> FindThinned(IEnumerable<DateTimeOffset> points, DateTimeOffset now)
    {
        var oldestFirst = points.Order().ToList();
        var kept = oldestFirst.Where(point => point > now).ToHashSet();
        if (oldestFirst.Count > 0)
            kept.Add(oldestFirst[^1]);
        foreach (var rule in _rules)
        {
            var last = long.MinValue;
            foreach (var point in oldestFirst)
            {
                var stretch = Math.DivRem((point - DateTimeOffset.UnixEpoch).Ticks, rule.Every.Ticks).Quotient;
                if (stretch != last && now - point <= rule.For)
                    kept.Add(point);
                last = stretch;
            }
        }

        return [.. oldestFirst.Where(point => !kept.Contains(point))];
    }
}
