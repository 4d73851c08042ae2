using System.CommandLine;
using Vt.Hosts.ShadowHost;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Import;
using Vt.Trees.Shadow;

namespace Vt.Commands;

/// <summary>Makes a folder and an archive equal, once.</summary>
sealed class ShadowSyncVerb : Verb
{
    readonly ShadowFlags _flags = new();
    readonly Option<bool> _dryRun = new("-n", "--dry-run") { Description = "Only tell what would be done" };
    readonly Option<bool> _json = JsonOption.Create("Print the outcome as a JSON object");

    /// <summary>Makes the command.</summary>
    public ShadowSyncVerb()
        : base("sync", "Make a folder and an archive's newest state equal, both ways")
    {
        _flags.AddTo(this);
        Options.Add(_dryRun);
        Options.Add(_json);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        What was changed in the folder since the last time goes to the archive as a new state, and what was changed in the archive, by whomever, goes to the folder. The first time both
        are joined: what only one of them has comes to the other, and nothing is removed. Several folders, on several machines, may be shadows of one archive in a store that they share:
        each gets what the others do, and once they are equal no state is added any more.

        Where both sides changed one file, --conflict decides: keep-both (the archive's version keeps the name, the folder's lies beside it as NAME.conflict-HOST-DATE; what was changed comes before
        what was removed), folder, store, newer (by modification time), or stop (nothing at all is done). Owner, mode, attributes and content each count by themselves. Whatever
        loses is in an older state of the archive.

        A file in the folder is only replaced or removed if it still is what was seen; otherwise it waits for the next time, which sees the change. New files come whole. Programs that hold a
        replaced file open go on writing to the old one. Symbolic links in the folder are never followed, and what is mounted below the folder is left out. Things get ready in FOLDER/.vt-shadow, which is
        gone afterwards.

        A folder that is suddenly empty or another one is refused, as its disk may not be mounted, and so is an archive that has lost what was agreed. A file that can't be read is
        reported, stays as it is on both sides, and the exit status is 3; so it is where something waits or could not be had as it should be. Interrupting is safe at any point.
        A dry run stores what it reads, and changes neither side.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt shadow sync ~/notes notes.vt", "Bring both to the same state."),
        ("vt shadow sync -n ~/notes notes.vt", "See what that would do."),
        ("vt shadow sync --one-way to-folder --conflict store /srv/www www.vt", "Only follow the archive."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (options, state) = _flags.Read(context);
        options = options with { IsDryRun = context.Get(_dryRun) };
        using var files = new ShadowFiles(state, context.Boundary);
        files.Take();
        await using var store = await context.OpenStoreAsync(isReadOnly: false, cancellationToken);
        var counters = new ImportCounters();
        ShadowReport report;
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, "shadow", () => Look(counters)))
            report = await new ShadowRound(store, files, options).RunAsync(counters, null, cancellationToken);
        ShadowVerbs.SayTroubles(context, report);
        if (context.Get(_json))
            PrintJson(context.Output, report);
        else if (options.IsDryRun)
            Print(context.Output, report);
        else if (!context.IsQuiet)
            context.Messages.Say(ShadowVerbs.Summary(report));
        return report.IsPartial || report.Lost.Count > 0 || (report.Waiting.Count > 0 && !report.WaitsByDirection) ? ExitCode.Partial : ExitCode.Ok;
    }

    static ProgressSnapshot Look(ImportCounters counters) => new(
        counters.BytesRead + counters.UnchangedBytes, counters.FilesRead + counters.UnchangedFiles, NewBytes: counters.BytesRead, KnownBytes: counters.UnchangedBytes);

    static void Print(ResultWriter output, ShadowReport report)
    {
        foreach (var path in report.ToStore)
            output.WriteLine($"to the archive  {ShadowFolder.NameOf(path)}");
        foreach (var path in report.ToFolder)
            output.WriteLine($"to the folder   {ShadowFolder.NameOf(path)}");
    }

    static void PrintJson(ResultWriter output, ShadowReport report)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        Write("to_archive", report.ToStore);
        Write("to_folder", report.ToFolder);
        Write("conflicts", report.Conflicts.Select(static one => one.Path.ToArray()));
        Write("waiting", report.Waiting.Select(static one => one.Path));
        json.WriteBoolean("partial", report.IsPartial);
        json.WriteBoolean("changed", !report.IsQuiet);
        json.WriteEndObject();
        output.EndJson();

        void Write(string name, IEnumerable<byte[]> paths)
        {
            json.WriteStartArray(name);
            foreach (var path in paths)
                json.WriteStringValue(ShadowFolder.NameOf(path));
            json.WriteEndArray();
        }
    }
}
