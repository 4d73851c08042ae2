using System.CommandLine;
using System.Globalization;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Cache;

namespace Vt.Commands;

/// <summary>Tells what a cache holds and what waits in it.</summary>
sealed class CacheStatusVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object for each cache");
    readonly Argument<string?> _spec = CacheVerbs.Spec();

    /// <summary>Makes the command.</summary>
    public CacheStatusVerb()
        : base("status", "Tell how much a cache holds, how often it helped, and what waits to be sent")
    {
        Options.Add(_json);
        Arguments.Add(_spec);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The numbers are of all processes that share the folder. The store behind is not asked, so it need not be there.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt cache status", "Show the cache of the store that the settings name."),
        ("vt cache status --json [laptop]", "Show the cache in the clause [laptop], for programs."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        foreach (var cache in CacheVerbs.Find(context, _spec))
        {
            var info = new CacheInspector(cache.Path).GetInfo(cancellationToken);
            if (context.Get(_json))
                PrintJson(context.Output, cache.Path, cache.MostBytes, info);
            else
                Print(context, cache.Path, cache.MostBytes, info);
        }

        return Task.FromResult(ExitCode.Ok);
    }

    static void Print(CommandContext context, string path, long most, CacheInfo? info)
    {
        var output = context.Output;
        output.WriteLine($"cache             {path}");
        if (info is null)
        {
            output.WriteLine("holds             nothing yet");
            return;
        }

        output.WriteLine($"store behind      {info.Behind}");
        output.WriteLine($"holds             {HumanText.Size(info.Bytes)} of {HumanText.Size(most)}, in {HumanText.Count(info.Segments, "segment")}");
        var reads = info.Hits + info.Misses;
        output.WriteLine(reads == 0
            ? "found             not asked yet"
            : string.Create(CultureInfo.InvariantCulture, $"found             {100.0 * info.Hits / reads:0.0} % of {reads} reads"));
        var lag = info.Lag;
        output.WriteLine(lag.IsNone
            ? "waits to be sent  nothing"
            : $"waits to be sent  {HumanText.Size(lag.Bytes)} in {HumanText.Count(lag.Blocks, "block")}, {HumanText.Count(lag.Moves, "movement")} of references");
        if (lag.Since is { } since)
            output.WriteLine($"since             {since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        if (lag.Conflicts > 0)
            output.WriteLine($"conflicts         {HumanText.Count(lag.Conflicts)}: see the references below conflict/ in the store behind");
    }

    static void PrintJson(ResultWriter output, string path, long most, CacheInfo? info)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("cache", path);
        json.WriteNumber("max_size", most);
        if (info is not null)
        {
            json.WriteString("behind", info.Behind);
            json.WriteNumber("bytes", info.Bytes);
            json.WriteNumber("segments", info.Segments);
            json.WriteNumber("hits", info.Hits);
            json.WriteNumber("misses", info.Misses);
            json.WriteNumber("unsent_bytes", info.Lag.Bytes);
            json.WriteNumber("unsent_blocks", info.Lag.Blocks);
            json.WriteNumber("unsent_moves", info.Lag.Moves);
            if (info.Lag.Since is { } since)
                json.WriteString("unsent_since", since);
            json.WriteNumber("conflicts", info.Lag.Conflicts);
        }

        json.WriteEndObject();
        output.EndJson();
    }
}
