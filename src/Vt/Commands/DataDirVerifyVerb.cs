using System.CommandLine;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.DataDir.Inspection;

namespace Vt.Commands;

/// <summary>Reads every byte of a DataDir and names every fault.</summary>
sealed class DataDirVerifyVerb : Verb
{
    const int NamedBlocks = 5;

    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a fault");

    /// <summary>Makes the command.</summary>
    public DataDirVerifyVerb()
        : base("verify", "Read every byte of a store and report whatever is damaged") => Options.Add(_json);

    /// <inheritdoc/>
    public override string Details =>
        """
        Each fault is a line: the file, the offset in it, what is wrong and how many blocks suffer. The exit status is 1 where there
        is any. vt fsck tells which files of which archives those blocks are in. Damaged blocks are noted in the store, and stored
        again with the next import that has their content: vt import SRC ARCHIVE.vt, as always, heals what SRC still has.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt datadir verify", "Check the default store.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var progress = new Latest();
        VerifyReport report;
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, "verify", progress.Look))
            report = await new DataDirInspector(DataDirVerbs.PathOf(context)).VerifyAsync(progress, cancellationToken);

        foreach (var fault in report.Faults)
        {
            if (context.Get(_json))
                PrintJson(context.Output, fault);
            else
                context.Output.WriteLine($"{fault.File}:{fault.Offset}: {fault.What}{Suffering(fault)}");
        }

        foreach (var note in report.Notes)
            context.Messages.Say($"{note.File}:{note.Offset}: {note.What}");
        if (!context.IsQuiet)
        {
            context.Messages.Say(
                $"{HumanText.Count(report.Blocks, "block")} in {HumanText.Count(report.Packs, "pack")} read, {HumanText.Size(report.Bytes)}; {HumanText.Count(report.References, "reference")}; {HumanText.Count(report.Faults.Count, "fault")}");
        }

        return report.Faults.Count > 0 ? ExitCode.Error : ExitCode.Ok;
    }

    static string Suffering(DataDirFault fault) => fault.Affected.Count switch
    {
        0 => "",
        <= NamedBlocks => $" ({string.Join(' ', fault.Affected)})",
        _ => $" ({string.Join(' ', fault.Affected.Take(NamedBlocks))} and {fault.Affected.Count - NamedBlocks} more)",
    };

    static void PrintJson(ResultWriter output, DataDirFault fault)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("file", fault.File);
        json.WriteNumber("offset", fault.Offset);
        json.WriteString("what", fault.What);
        json.WriteStartArray("blocks");
        foreach (var hash in fault.Affected)
            json.WriteStringValue(hash.ToString());
        json.WriteEndArray();
        json.WriteEndObject();
        output.EndJson();
    }

    sealed class Latest : IProgress<VerifyProgress>
    {
        // Guards the value, which is larger than a write is whole.
        readonly Lock _gate = new();
        VerifyProgress _value;

        public void Report(VerifyProgress value)
        {
            lock (_gate)
                _value = value;
        }

        public ProgressSnapshot Look()
        {
            lock (_gate)
                return new ProgressSnapshot(_value.DoneBytes, _value.Blocks, TotalBytes: _value.TotalBytes);
        }
    }
}
