using System.CommandLine;
using Vt.Blocks.Encoding;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Config;
using Vt.Trees.Import;

namespace Vt.Commands;

/// <summary>Stores files and folders and prints the text that stands for each.</summary>
sealed class SaveVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string[]> _paths = new("PATH") { Description = "The files and folders to store", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public SaveVerb()
        : base("save", "Store files and folders, and print the text reference of each")
    {
        Options.Add(_json);
        Arguments.Add(_paths);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The text is all that it takes to find the file or folder again in this store, by any command that takes a REF. No archive
        remembers it: keep it, or what it stands for may be collected one day.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt save notes.txt", "Store a file and print its reference."),
        ("vt save --json src notes.txt", "Store both, and print an object for each."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var store = await context.OpenStoreAsync(isReadOnly: false, cancellationToken);
        var isPartial = false;
        foreach (var path in context.Get(_paths))
        {
            var options = new ImportOptions
            {
                SkippedDirectories = [.. StoreFactory.FoldersOf(context.StoreSettings)],
                OnIssue = issue => context.Messages.Say(issue.ToString()),
            };
            var source = LosslessText.ToBytes(context.PathFromHere(path));
            var result = await new Importer(store).ImportAsync(source, options: options, cancellationToken: cancellationToken);
            isPartial |= result.IsPartial;
            if (context.Get(_json))
            {
                var json = context.Output.BeginJson();
                json.WriteStartObject();
                NameText.WriteJson(json, "path", LosslessText.ToBytes(path));
                json.WriteString("reference", result.Root.ToString());
                json.WriteEndObject();
                context.Output.EndJson();
            }
            else
            {
                context.Output.WriteLine(result.Root.ToString());
            }
        }

        return isPartial ? ExitCode.Partial : ExitCode.Ok;
    }
}
