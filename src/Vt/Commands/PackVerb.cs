using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Hosts.StaticExport;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Archives;

namespace Vt.Commands;

/// <summary>Writes volumes and trees as one file that is a store.</summary>
sealed class PackVerb : Verb
{
    readonly Option<bool> _allStates = new("-a", "--all") { Description = "Of an archive take every state, not only the last" };
    readonly Option<bool> _json = JsonOption.Create("Print what was written as a JSON object");
    readonly Argument<string> _file = new("FILE.vtd") { Description = "The file to write; standard output if it is -" };
    readonly Argument<string[]> _references = new("REF") { Description = "Volumes and trees; all volumes, and the newest state of every archive, if none", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public PackVerb()
        : base("pack", "Write volumes and trees as one file that is a store by itself")
    {
        Options.Add(_allStates);
        Options.Add(_json);
        Arguments.Add(_file);
        Arguments.Add(_references);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The file has everything that is named, and needs no other store: vt -S file:FILE.vtd reads it, mounts it and serves it, and vt unpack brings it into another
        store. A volume goes with its branches, its tags and all their history. Any other REF becomes the reference trees/NAME in the file, by which commands find it
        there (vt -S file:FILE.vtd ls trees/home.vt); vt dump FILE.vtd lists them. With --all each state of an archive becomes trees/NAME@DATE.

        References come first in the file, then trees, then data: of a file that breaks off, all that stands before can be read. It is a pack as DataDirs have them
        (vt-datadir(5)), compressed, made in one go from its start, and the same whenever it is made of the same things. It reaches 32 GiB, which is
        as far as places in a pack go; more goes into several files, or by vt push into a store on the other disk.

        FILE.vtd has its name only once it is whole and on the disk; a file that was there is replaced, and a device or fifo is written to.
        """ + "\n\n" + ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt pack photos.vtd photos", "Write a volume with all its history."),
        ("vt pack - home.vt@2026-10 | ssh elsewhere vt unpack -", "Bring a state into a store of another machine."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var target = context.Get(_file);
        var toOutput = target == "-";
        if (toOutput && context.Surroundings.OutputIsTerminal)
            throw new UserErrorException("a store file is nothing for a terminal; name a file, or pipe it somewhere");
        if (toOutput && context.Get(_json))
            throw new UserErrorException("--json prints where the file goes: name a file, or leave --json out");
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        var selection = new StoreSelection(trees.Store, static (_, _) => false);
        await SelectAsync(context, selection, trees, cancellationToken);
        var done = 0L;
        var packing = new StorePacking(trees.Store, selection, bytes => Volatile.Write(ref done, bytes));
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, "pack", () => new ProgressSnapshot(Volatile.Read(ref done), 0)))
        {
            if (toOutput)
            {
                await packing.WriteAsync(context.Output.WriteBytes, cancellationToken);
            }
            else
            {
                using var file = new NewFile(context.PathFromHere(target));
                await packing.WriteAsync(file.Write, cancellationToken);
                file.Complete();
            }
        }

        if (context.Get(_json))
            PrintJson(context.Output, packing, selection.References.Count);
        else if (!context.IsQuiet)
            context.Messages.Say($"{HumanText.Count(packing.Blocks, "block")}, {HumanText.Size(packing.RawBytes)} in {HumanText.Size(packing.Length)}");
        return ExitCode.Ok;
    }

    async Task SelectAsync(CommandContext context, StoreSelection selection, OpenTrees trees, CancellationToken cancellationToken)
    {
        var references = context.Get(_references);
        if (references.Length == 0)
            await SelectedThings.AddNamedAsync(selection, trees.Store, cancellationToken);
        foreach (var text in references)
        {
            if (context.Get(_allStates) && await trees.FindStatesAsync(text, cancellationToken) is { } states)
                await AddStatesAsync(selection, trees.NameOf(text), states, cancellationToken);
            else
                await SelectedThings.AddAsync(selection, trees, text, cancellationToken);
        }

        if (selection.References.Count == 0)
            throw new UserErrorException($"{trees.Store.Description} has no volume and no archive's state; name what is to be packed");
    }

    // Of several states of one second the first has the plain name.
    static async Task AddStatesAsync(StoreSelection selection, string name, IReadOnlyList<ArchiveState> states, CancellationToken cancellationToken)
    {
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var state in states)
        {
            var dated = $"{name}@{DirentText.DateOf(state.Date)}";
            taken[dated] = taken.GetValueOrDefault(dated) + 1;
            await selection.AddTreeAsync(state.Root, taken[dated] == 1 ? dated : $"{dated}-{taken[dated]}", cancellationToken);
        }
    }

    static void PrintJson(ResultWriter output, StorePacking packing, int references)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteNumber("references", references);
        json.WriteNumber("blocks", packing.Blocks);
        json.WriteNumber("bytes", packing.RawBytes);
        json.WriteNumber("stored_bytes", packing.Length);
        json.WriteEndObject();
        output.EndJson();
    }
}
