using System.CommandLine;
using Vt.Output;
using Vt.Posix;
using Vt.References;
using Vt.Settings;
using Vt.Stores.PackFile;

namespace Vt.Commands;

/// <summary>Brings what a store file has into the store.</summary>
sealed class UnpackVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object for each reference");
    readonly Argument<string> _file = new("FILE.vtd") { Description = "The store file; standard input if it is -" };

    /// <summary>Makes the command.</summary>
    public UnpackVerb()
        : base("unpack", "Bring all that a store file has into the store")
    {
        Options.Add(_json);
        Arguments.Add(_file);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Only what the store has not got is added, each block checked against its name, what others refer to before what refers to it. Then the file's references are set,
        and a line for each says what became of it: new, moved, same or kept. Nothing of the store's own is lost: a branch moves only ahead, a tag stays, and a
        volume is left alone where another has its name; what was kept is said with the reason, and the exit status is 3. A tree under trees/ moves to what the file has.

        Of a file that is not whole no reference is set. What is in it can be read all the same: vt -S file:FILE.vtd. What comes from standard input or another pipe is put into a
        file of the folder for temporary files (TMPDIR) first. Interrupting is safe, and the next time goes on from there.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt unpack photos.vtd", "Bring a volume into this machine's store."),
        ("vt unpack -", "Bring what another command sends."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var source = await OpenAsync(context, context.Get(_file), cancellationToken);
        context.SayDamage(source);
        await using var target = await context.OpenStoreAsync(isReadOnly: false, cancellationToken);
        var unpacking = new StoreUnpacking(source, target, "unpacked");
        IReadOnlyList<UnpackedReference> outcomes;
        await using (new ProgressDisplay(
            context.Surroundings, context.Messages, context.IsQuiet, "unpack", () => new ProgressSnapshot(unpacking.Counters.SentBytes, 0)))
        {
            outcomes = await unpacking.RunAsync(cancellationToken);
        }

        foreach (var outcome in outcomes)
            Print(context, outcome);
        if (!context.IsQuiet && !context.Get(_json))
            context.Messages.Say($"{HumanText.Count(unpacking.Counters.SentBlocks, "block")} added, {HumanText.Size(unpacking.Counters.SentBytes)}");
        return outcomes.Any(static outcome => outcome.IsKept) ? ExitCode.Partial : ExitCode.Ok;
    }

    void Print(CommandContext context, UnpackedReference outcome)
    {
        if (!context.Get(_json))
        {
            context.Output.WriteLine($"{outcome.Outcome,-5} {outcome.Name}{(outcome.Why.Length > 0 ? ": " + outcome.Why : "")}");
            return;
        }

        var json = context.Output.BeginJson();
        json.WriteStartObject();
        json.WriteString("reference", outcome.Name);
        json.WriteString("outcome", outcome.Outcome);
        if (outcome.Why.Length > 0)
            json.WriteString("why", outcome.Why);
        json.WriteEndObject();
        context.Output.EndJson();
    }

    static async Task<PackFileStore> OpenAsync(CommandContext context, string name, CancellationToken cancellationToken)
    {
        if (name == "-")
            return await PackFileSpool.OpenAsync(context.Surroundings.Input, "standard input", cancellationToken);
        var path = context.PathFromHere(name);
        if (PosixFile.TryStat(path, out var status) != Errno.OK || status.Type is ModeBits.S_IFREG or ModeBits.S_IFDIR)
            return PackFileStore.Open(path, cancellationToken);
        await using var pipe = new FileStream(path, FileMode.Open, FileAccess.Read);
        return await PackFileSpool.OpenAsync(pipe, path, cancellationToken);
    }
}
