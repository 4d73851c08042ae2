using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Remotes;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Tells what a remote has.</summary>
sealed class RemoteShowVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object for each branch, tag and archive");
    readonly Argument<string?> _remote = new("REMOTE") { Description = "A clause or a store spec, - for the usual one", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public RemoteShowVerb()
        : base("show", "Tell which volumes, branches, tags and archives another store has")
    {
        Options.Add(_json);
        Arguments.Add(_remote);
    }

    /// <inheritdoc/>
    public override string Details => SyncFlags.RemoteHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt remote show office", "Show what there is in the store in the clause [office].")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var place = RemotePlace.Find(context, context.Get(_remote));
        await using var store = await RemoteSession.OpenAsync(context, place.Settings, isReadOnly: true, cancellationToken);
        var isJson = context.Get(_json);
        await foreach (var volume in new VolumeCatalog(store).ListAsync(cancellationToken))
        {
            foreach (var (one, commit) in await RefName.ReadAllAsync(volume, name: null, cancellationToken))
            {
                if (isJson)
                    PrintJson(context.Output, volume, one, commit);
                else
                    context.Output.WriteLine($"{(one.IsTag ? "tag    " : "branch ")}  {commit?.ToShortString() ?? "-",-12}  {one.In(volume)}");
            }
        }

        foreach (var (id, newest) in await new StoredArchives((IRefStore)store).ListAsync(cancellationToken))
        {
            if (isJson)
                PrintJson(context.Output, id, newest);
            else
                context.Output.WriteLine(TerminalText.Visible($"archive  {newest.State.Date:yyyy-MM-dd HH:mm:ss zzz}  {StoredArchives.NameOf(newest)}"));
        }

        return ExitCode.Ok;
    }

    static void PrintJson(ResultWriter output, Volume volume, RefName one, BlockHash? commit)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("kind", one.IsTag ? "tag" : "branch");
        json.WriteString("volume", volume.Name);
        json.WriteString("id", volume.Id);
        json.WriteString("name", one.Name);
        json.WriteString("commit", commit is { } id ? CommitText.IdOf(id) : null);
        json.WriteEndObject();
        output.EndJson();
    }

    static void PrintJson(ResultWriter output, Guid id, ArchiveRegistration newest)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("kind", "archive");
        json.WriteString("name", StoredArchives.NameOf(newest));
        json.WriteString("id", id);
        json.WriteString("path", newest.Path);
        json.WriteString("newest", newest.State.Date);
        json.WriteEndObject();
        output.EndJson();
    }
}
