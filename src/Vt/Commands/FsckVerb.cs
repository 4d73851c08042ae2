using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Trees.Check;

namespace Vt.Commands;

/// <summary>Checks trees from their roots to the last block.</summary>
sealed class FsckVerb : Verb
{
    /// <summary>How many damaged blocks are noted at most, at about 50 bytes of memory each.</summary>
    const int MostNoted = 1_000_000;

    readonly Option<bool> _fast = new("--no-data") { Description = "Only ask whether the blocks of content are there; don't read them" };
    readonly Option<bool> _all = new("-a", "--all") { Description = "Check every state of an archive, not only the last" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a fault, and at the end one with the sums");
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
        The blocks that it counts are those of content and of trees, each once.
        Damaged blocks are noted in the store, where it can be written, and stored again by the next import of what they are of.

        Of an archive it also tells which states its file has lost, where the store knows: those that were in it, durable, and are
        not any more, because the file's end was damaged or an older copy was put back. Their trees are in the store as before, and are checked
        too. The next import puts them back; till then the reference that is printed finds each.

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
        var damaged = new HashSet<BlockHash>();
        var checker = new TreeChecker(trees.Store, !context.Get(_fast), Report, counters);
        var lines = 0L;
        await using (new ProgressDisplay(
            context.Surroundings, context.Messages, context.IsQuiet, "fsck", () => new ProgressSnapshot(counters.Bytes, counters.Entries)))
        {
            var wanted = new List<CheckedTree>();
            foreach (var text in context.Get(_references))
                lines += await AddAsync(context, trees, text, wanted, cancellationToken);
            await checker.CheckAsync(wanted, cancellationToken);
        }

        await NoteAsync(context, damaged, cancellationToken);
        if (context.Get(_json))
        {
            PrintSums(context.Output, counters, counters.Faults + lines);
        }
        else if (!context.IsQuiet)
        {
            context.Messages.Say(
                $"{HumanText.Count(counters.Entries, "entry", "entries")}, {HumanText.Count(counters.Blocks, "block")}, {HumanText.Size(counters.Bytes)}; {HumanText.Count(counters.Faults + lines, "fault")}");
        }

        return counters.Faults + lines > 0 ? ExitCode.Error : ExitCode.Ok;

        void Report(TreeFault fault)
        {
            Print(context, fault);
            if (!fault.Hash.IsNone && damaged.Count < MostNoted)
                damaged.Add(fault.Hash);
        }
    }

    // The check itself only reads; the store is opened to be written where damage was found, and looks for itself before it notes any.
    static async ValueTask NoteAsync(CommandContext context, HashSet<BlockHash> damaged, CancellationToken cancellationToken)
    {
        if (damaged.Count == 0)
            return;
        var noted = 0;
        try
        {
            await using var store = await context.OpenStoreAsync(isReadOnly: false, cancellationToken);
            if (store is not IDamageNotes notes)
                return;
            foreach (var hash in damaged)
                noted += await notes.NoteDamageAsync(hash, cancellationToken) ? 1 : 0;
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreFullException)
        {
            context.Messages.Say($"the damage can't be noted in the store: {e.Message}");
        }

        if (noted > 0 && !context.IsQuiet)
            context.Messages.Say($"{HumanText.Count(noted, "damaged block is", "damaged blocks are")} noted; vt import of the same files stores what is in them again");
    }

    // What a reference stands for, and how many lines of its archive are damaged or lost.
    async ValueTask<long> AddAsync(
        CommandContext context, OpenTrees trees, string text, List<CheckedTree> wanted, CancellationToken cancellationToken)
    {
        var reference = context.ParseReference(await trees.TextOfAsync(text, cancellationToken));
        var archive = reference.ArchivePath is { } path ? context.ArchiveAt(path).ReadAll() : null;
        var lost = await AddLostAsync(context, trees, reference, wanted, cancellationToken);
        foreach (var fault in archive?.Faults ?? [])
            Print(context, new TreeFault(text, default, null, 0, default, $"line {fault.Line} of the archive is damaged: {fault.What}"));
        if (archive is not null && context.Get(_all) && reference.Date is null)
            wanted.AddRange(archive.States.Select(state => new CheckedTree($"{text}@{DirentText.DateOf(state.Date)}", state.Root)));
        else
            wanted.Add(new CheckedTree(text, await reference.ResolveAsync(trees.Directories, context.Surroundings.Clock, cancellationToken), IsWhole: reference.SubPath.IsEmpty));
        return lost + (archive?.Faults.Count ?? 0);
    }

    // How many states an archive has lost; their trees are still to be checked. What the store can't tell counts as one.
    async ValueTask<long> AddLostAsync(
        CommandContext context, OpenTrees trees, RootReference reference, List<CheckedTree> wanted, CancellationToken cancellationToken)
    {
        if (reference.ArchivePath is not { } path || trees.Store is not IRefStore refs)
            return 0;
        try
        {
            var lost = await context.ArchiveAt(path).FindLostAsync(refs, cancellationToken);
            foreach (var (state, isRestorable) in lost)
            {
                Print(context, new TreeFault(path, default, null, 0, default,
                    $"the archive had a state of {DirentText.DateOf(state.Date)} and has lost it; its tree is in the store, as {state.Root}"
                    + (isRestorable ? ", and the next import puts the state back" : "")));
                wanted.Add(new CheckedTree($"{path}@{DirentText.DateOf(state.Date)}", state.Root));
            }

            return lost.Count;
        }
        catch (FormatInvalidException damage)
        {
            context.Messages.Say($"{path}: whether the archive has lost a state can't be told: {damage.Message}");
            return 1;
        }
    }

    static void PrintSums(ResultWriter output, CheckCounters counters, long faults)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteNumber("entries", counters.Entries);
        json.WriteNumber("blocks", counters.Blocks);
        json.WriteNumber("bytes", counters.Bytes);
        json.WriteNumber("faults", faults);
        json.WriteEndObject();
        output.EndJson();
    }

    void Print(CommandContext context, TreeFault fault)
    {
        if (!context.Get(_json))
        {
            context.Output.WriteLine(fault.ToString());
            return;
        }

        var json = context.Output.BeginJson();
        json.WriteStartObject();
        json.WriteString("reference", fault.Tree);
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
