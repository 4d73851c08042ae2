using System.CommandLine;
using Vt.Hosts.PlatonicHost;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Platonic;
using Vt.Trees.Import;

namespace Vt.Commands;

/// <summary>Brings a platonic store's index and archive up to date.</summary>
sealed class PlatonicScanVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print the outcome as a JSON object");

    /// <summary>Makes the command.</summary>
    public PlatonicScanVerb()
        : base("scan", "Index what has changed in the folder, and add its tree to the archive") => Options.Add(_json);

    /// <inheritdoc/>
    public override string Details =>
        """
        The store of -S is of type platonic, see vtrc(5) and vt-platonic(5). Files that look as they did are not read; what has changed is read and hashed, and nothing of it
        is copied. A file that was renamed is not read either. The folder's tree gets a line in the archive where it has changed.

        Interrupting is safe: what was read by then is found again. A file that can't be read, or changes while it is read, is reported, and the exit status is 3; the
        next scan looks at it again.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt platonic scan -S [photos]", "Index the folder of the clause [photos]."),
        ("vt platonic scan -S platonic(path=/srv/photos)", "The same without a clause."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var settings = PlatonicVerbs.Find(context);
        await using var store = await PlatonicVerbs.OpenAsync(context, settings, cancellationToken);
        var counters = new ImportCounters();
        var started = context.Surroundings.Clock.GetTimestamp();
        ScanResult result;
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, "scan", () => Look(counters)))
            result = await new PlatonicScanner(store, PlatonicVerbs.OptionsOf(context, settings)).ScanAsync(counters, cancellationToken: cancellationToken);
        if (context.Get(_json))
            PrintJson(context.Output, counters, result, store.GetFigures(), settings.Archive);
        else if (!context.IsQuiet)
            context.Messages.Say(Summary(counters, result, store.GetFigures(), context.Surroundings.Clock.GetElapsedTime(started)));
        return result.IsPartial ? ExitCode.Partial : ExitCode.Ok;
    }

    static ProgressSnapshot Look(ImportCounters counters) => new(
        counters.BytesRead + counters.UnchangedBytes, counters.FilesRead + counters.UnchangedFiles, NewBytes: counters.BytesRead, KnownBytes: counters.UnchangedBytes);

    static string Summary(ImportCounters counters, ScanResult result, PlatonicFigures figures, TimeSpan took) =>
        $"{HumanText.Count(counters.Entries, "entry", "entries")}, {HumanText.Count(counters.FilesRead, "file")} read ({HumanText.Size(counters.BytesRead)}), "
        + $"{HumanText.Count(counters.UnchangedFiles)} unchanged, {HumanText.Count(figures.Blocks, "block")} indexed, "
        + $"{HumanText.Duration(took)}{(result.State is null ? "; nothing has changed" : "")}";

    static void PrintJson(ResultWriter output, ImportCounters counters, ScanResult result, PlatonicFigures figures, string archive)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("archive", archive);
        json.WriteNumber("entries", counters.Entries);
        json.WriteNumber("files_read", counters.FilesRead);
        json.WriteNumber("bytes_read", counters.BytesRead);
        json.WriteNumber("files_unchanged", counters.UnchangedFiles);
        json.WriteNumber("issues", counters.Issues);
        json.WriteNumber("blocks", figures.Blocks);
        json.WriteBoolean("partial", result.IsPartial);
        json.WriteBoolean("changed", result.State is not null);
        json.WriteString("root", result.Root.ToString());
        json.WriteEndObject();
        output.EndJson();
    }
}
