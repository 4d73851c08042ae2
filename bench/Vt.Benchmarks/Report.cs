using System.Globalization;

namespace Vt.Benchmarks;

/// <summary>Collects rows as they are measured and prints them as one table: what, ours, theirs, the ratio, the budget, met or not.</summary>
sealed class Report(TextWriter output)
{
    readonly List<string[]> _rows = [];

    /// <summary>A figure that must not be above a bound.</summary>
    public void AtMost(string what, double ours, string unit, double bound, string against = "") =>
        Add(what, Text(ours, unit), against, "", $"≤ {Text(bound, unit)}", ours <= bound);

    /// <summary>A figure that must not be below a bound.</summary>
    public void AtLeast(string what, double ours, string unit, double bound, string against = "") =>
        Add(what, Text(ours, unit), against, "", $"≥ {Text(bound, unit)}", ours >= bound);

    /// <summary>A ratio of ours to theirs that must not be above a bound.</summary>
    public void RatioAtMost(string what, double ours, double theirs, string unit, double bound, string peer) =>
        Add(what, Text(ours, unit), $"{peer} {Text(theirs, unit)}", Text(ours / theirs, "×"), $"≤ {Text(bound, "×")}", ours / theirs <= bound);

    /// <summary>A ratio of ours to theirs that must not be below a bound.</summary>
    public void RatioAtLeast(string what, double ours, double theirs, string unit, double bound, string peer) =>
        Add(what, Text(ours, unit), $"{peer} {Text(theirs, unit)}", Text(ours / theirs, "×"), $"≥ {Text(bound, "×")}", ours / theirs >= bound);

    /// <summary>A figure without a budget, for the reader.</summary>
    public void Note(string what, string ours, string theirs = "") => Add(what, ours, theirs, "", "", null);

    /// <summary>Prints all rows, aligned, and how many budgets were met.</summary>
    public void Print()
    {
        string[] head = ["what", "ours", "against", "ratio", "budget", ""];
        var widths = Enumerable.Range(0, head.Length).Select(i => _rows.Append(head).Max(row => row[i].Length)).ToArray();
        output.WriteLine();
        foreach (var row in _rows.Prepend(head))
            output.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        var judged = _rows.Where(row => row[5].Length > 0).ToList();
        output.WriteLine();
        output.WriteLine($"{judged.Count(row => row[5] == "met")} of {judged.Count} budgets met");
    }

    void Add(string what, string ours, string theirs, string ratio, string budget, bool? met)
    {
        string[] row = [what, ours, theirs, ratio, budget, met switch { true => "met", false => "MISSED", _ => "" }];
        _rows.Add(row);
        output.WriteLine(string.Join("  ", row.Where(cell => cell.Length > 0)));
    }

    static string Text(double value, string unit) =>
        value.ToString(value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture) + (unit is "×" ? unit : " " + unit);
}
