using System.CommandLine;
using Vt.Blocks.Encoding;
using Vt.Operations;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Export;

namespace Vt.Commands;

/// <summary>Restores a stored tree.</summary>
sealed class ExportVerb : Verb
{
    readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace what is there under the same names" };
    readonly Option<bool> _numericOwner = new("--numeric-owner") { Description = "Give files to the stored user and group numbers, not names" };
    readonly Option<bool> _json = JsonOption.Create("Print the outcome as a JSON object");
    readonly Argument<string> _reference = new("REF") { Description = "What to restore" };
    readonly Argument<string> _target = new("DEST") { Description = "Where: made if it is not there" };

    /// <summary>Makes the command.</summary>
    public ExportVerb()
        : base("export", "Restore a stored tree or file to the disk")
    {
        Options.Add(_overwrite);
        Options.Add(_numericOwner);
        Options.Add(_json);
        Arguments.Add(_reference);
        Arguments.Add(_target);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Everything comes back: content with its holes, owners, modes, times, extended attributes, hard links, devices. Nothing is ever
        written outside DEST, and nothing that is there is replaced unless --overwrite is given.

        Files are given to the user and group of the stored names, where this system knows them, otherwise to the stored numbers. A
        file has its name only when it is whole, whatever ends the export, and everything is on the disk when vt ends. After an export
        that was interrupted, repeat it with --overwrite.

        What can't be restored (a damaged block, a full disk, an owner that only root may give) is reported, the rest is restored, and
        the exit status is 3.
        """ + "\n\n" + ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt export home.vt restored", "Restore the last state to a new folder."),
        ("vt export home.vt@2026-10/docs ./docs-of-october", "Restore a folder as it was."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        var (entry, _) = await trees.FindAsync(context.Get(_reference), cancellationToken);
        var clock = context.Surroundings.Clock;
        var started = clock.GetTimestamp();
        var export = new TreeExport(context, trees.Store) { Overwrite = context.Get(_overwrite), NumericOwner = context.Get(_numericOwner) };
        var counters = export.Counters;
        var result = await export.RunAsync(entry, entry.Inodes, LosslessText.ToBytes(context.PathFromHere(context.Get(_target))), cancellationToken);
        if (context.Get(_json))
            PrintJson(context.Output, counters, result);
        else if (!context.IsQuiet)
            context.Messages.Say($"{HumanText.Count(counters.Entries, "entry", "entries")}, {HumanText.Size(counters.Bytes)}, {HumanText.Duration(clock.GetElapsedTime(started))}");
        return result.IsPartial ? ExitCode.Partial : ExitCode.Ok;
    }

    static void PrintJson(ResultWriter output, ExportCounters counters, ExportResult result)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteNumber("directories", counters.Directories);
        json.WriteNumber("entries", counters.Entries);
        json.WriteNumber("bytes", counters.Bytes);
        json.WriteNumber("issues", counters.Issues);
        json.WriteBoolean("partial", result.IsPartial);
        json.WriteEndObject();
        output.EndJson();
    }
}
