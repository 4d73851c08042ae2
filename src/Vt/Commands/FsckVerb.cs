using System.CommandLine;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Trees.Check;

namespace Vt.Commands;

/// <summary>Checks trees from their roots to the last block.</summary>
sealed class FsckVerb : Verb
{
    readonly Option<bool> _fast = new("--no-data") { Description = "Only ask whether the blocks of content are there; don't read them" };
    readonly Option<bool> _all = new("-a", "--all") { Description = "Check every state of an archive, not only the last" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a fault");
    readonly Argument<string[]> _references = new("REF") { Description = "What to check", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public FsckVerb()
        : base("fsck", "Follow trees to their last block and report whatever is missing or damaged")
    {
        foreach (var option in (Option[])[_fast, _all, _json])
            Options.Add(option);
        Arguments.Add(_references);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Each fault is a line: the path, the bytes of the file that are affected, what is wrong. The exit status is 1 where there is any.

        """ + ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt fsck home.vt", "Check all that the last state needs."),
        ("vt fsck --all home.vt work.vt", "Check every state of two archives; what they share is read once."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        var counters = new CheckCounters();
        var label = "";
        var damagedLines = 0L;
        var checker = new TreeChecker(trees.Store, !context.Get(_fast), fault => Print(context, label, fault), counters);
        await using (new ProgressDisplay(
            context.Surroundings, context.Messages, context.IsQuiet, "fsck", () => new ProgressSnapshot(counters.Bytes, counters.Entries)))
        {
            foreach (var text in context.Get(_references))
            {
                label = text;
                var reference = context.ParseReference(text);
                // A damaged line is passed over by whoever looks for a state: without a word here it would look as if it had never been.
                var archive = reference.ArchivePath is { } path ? new ArchiveFile(path, context.Surroundings.Clock).ReadAll() : null;
                foreach (var fault in archive?.Faults ?? [])
                {
                    damagedLines++;
                    Print(context, label, new TreeFault(default, null, 0, default, $"line {fault.Line}: {fault.What}"));
                }

                if (!context.Get(_all) || archive is null || reference.Date is not null)
                {
                    await checker.CheckAsync((await trees.FindAsync(text, cancellationToken)).Entry, cancellationToken);
                    continue;
                }

                foreach (var state in archive.States)
                {
                    label = $"{text}@{DirentText.DateOf(state.Date)}";
                    await checker.CheckAsync(state.Root, cancellationToken);
                }
            }
        }

        if (!context.IsQuiet)
        {
            context.Messages.Say(
                $"{HumanText.Count(counters.Entries)} entries, {HumanText.Count(counters.Blocks)} blocks, {HumanText.Size(counters.Bytes)}; {counters.Faults + damagedLines} faults");
        }

        return counters.Faults + damagedLines > 0 ? ExitCode.Error : ExitCode.Ok;
    }

    void Print(CommandContext context, string label, TreeFault fault)
    {
        if (!context.Get(_json))
        {
            context.Output.WriteLine($"{label}: {fault}");
            return;
        }

        var json = context.Output.BeginJson();
        json.WriteStartObject();
        json.WriteString("reference", label);
        NameText.WriteJson(json, "path", fault.Path.Span);
        if (fault.Offset is { } offset)
        {
            json.WriteNumber("offset", offset);
            json.WriteNumber("length", fault.Length);
        }

        if (!fault.Hash.IsNone)
            json.WriteString("block", fault.Hash.ToString());
        json.WriteString("what", fault.What);
        json.WriteEndObject();
        context.Output.EndJson();
    }
}
