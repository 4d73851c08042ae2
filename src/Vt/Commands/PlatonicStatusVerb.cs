using System.CommandLine;
using Vt.Hosts.PlatonicHost;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Config;
using Vt.Stores.Platonic;

namespace Vt.Commands;

/// <summary>Tells what a platonic store has indexed.</summary>
sealed class PlatonicStatusVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object");

    /// <summary>Makes the command.</summary>
    public PlatonicStatusVerb()
        : base("status", "Tell what is indexed, what is to be read again, and who watches") => Options.Add(_json);

    /// <inheritdoc/>
    public override string Details =>
        """
        Files that were indexed anew count twice until the next merge of the index. A file is suspect when a block of it was not what the index says: it is read again by
        the next scan, and until then is not served from.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt platonic status -S [photos]", "Show how the folder of the clause [photos] stands.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var settings = PlatonicVerbs.Find(context);
        await using var opened = await StoreFactory.OpenAsync(settings, new StoreOpenOptions { IsReadOnly = true, Clock = context.Surroundings.Clock }, cancellationToken);
        var store = (PlatonicStore)opened;
        var figures = store.GetFigures();
        var last = PlatonicFiles.ReadLastScan(store.Layout);
        var watcher = PlatonicFiles.ReadWatcher(store.Layout);
        if (context.Get(_json))
            PrintJson(context.Output, settings, figures, last, watcher);
        else
            Print(context.Output, settings, figures, last, watcher);
        return ExitCode.Ok;
    }

    static void Print(ResultWriter output, PlatonicSettings settings, PlatonicFigures figures, LastScan? last, WatcherNote? watcher)
    {
        output.WriteLine($"folder     {settings.Path}");
        output.WriteLine($"archive    {settings.Archive}");
        output.WriteLine($"meta       {settings.Meta.Name}");
        output.WriteLine($"indexed    {HumanText.Count(figures.Files, "file")}, {HumanText.Size(figures.Bytes)} in {HumanText.Count(figures.Blocks, "block")}{(figures.IsWhole ? "" : "; not all: vt platonic scan")}");
        output.WriteLine($"suspect    {HumanText.Count(figures.Suspects, "file")}");
        output.WriteLine(watcher is null
            ? "watched    by nobody: vt platonic watch"
            : $"watched    by process {watcher.Process}: {HumanText.Count(watcher.Watches, "folder")}{(watcher.Unwatched > 0 ? $", and {HumanText.Count(watcher.Unwatched)} that can't be" : "")}");
        output.WriteLine(last is null
            ? "last scan  none"
            : $"last scan  {last.When.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: {HumanText.Count(last.Entries, "entry", "entries")} in {HumanText.Count(last.Directories, "folder")}, {HumanText.Count(last.FilesRead, "file")} read ({HumanText.Size(last.BytesRead)}), {HumanText.Duration(last.Took)}");
    }

    static void PrintJson(ResultWriter output, PlatonicSettings settings, PlatonicFigures figures, LastScan? last, WatcherNote? watcher)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("folder", settings.Path);
        json.WriteString("archive", settings.Archive);
        json.WriteString("meta", settings.Meta.Name);
        json.WriteNumber("files", figures.Files);
        json.WriteNumber("bytes", figures.Bytes);
        json.WriteNumber("blocks", figures.Blocks);
        json.WriteNumber("suspect", figures.Suspects);
        json.WriteBoolean("whole", figures.IsWhole);
        if (watcher is not null)
        {
            json.WriteNumber("watcher", watcher.Process);
            json.WriteNumber("watches", watcher.Watches);
            json.WriteNumber("unwatched", watcher.Unwatched);
        }

        if (last is not null)
        {
            json.WriteString("last_scan", last.When);
            json.WriteNumber("last_entries", last.Entries);
            json.WriteNumber("last_files_read", last.FilesRead);
            json.WriteNumber("last_bytes_read", last.BytesRead);
            json.WriteNumber("last_milliseconds", (long)last.Took.TotalMilliseconds);
        }

        json.WriteEndObject();
        output.EndJson();
    }
}
