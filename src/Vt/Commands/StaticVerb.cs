using System.CommandLine;
using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Hosts.StaticExport;
using Vt.Output;
using Vt.References;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Writes a store as plain files for a server on the web.</summary>
sealed class StaticVerb : Verb
{
    readonly Option<bool> _all = new("--all") { Description = "Write every block and reference that the store has, needed or not" };
    readonly Option<bool> _json = JsonOption.Create("Print what was written as a JSON object");
    readonly Argument<string> _folder = new("DIR") { Description = "The folder" };
    readonly Argument<string[]> _references = new("REF") { Description = "Volumes and trees; all volumes, and the newest state of every archive, if none", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public StaticVerb()
        : base("static", "Write the store as plain files that any web server can serve")
    {
        Options.Add(_all);
        Options.Add(_json);
        Arguments.Add(_folder);
        Arguments.Add(_references);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Put DIR behind nginx, into a bucket or a content network, and vt -S http://HOST/DIR/ reads from it, a request for each block, each checked against its name. A file for each block
        lies below h/, references are in refs.json, and vt-store.json says what it is; vt-http(7) has the form. Nothing in it is secret from who may fetch it.

        A volume is written with all branches, tags and their history; of anything else the tree, whose text is printed. A second run writes what is new and leaves the rest,
        blocks that nothing needs any more too. One that was broken off is finished by the next.
        """ + "\n\n" + ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt static /srv/www/vt", "Publish all volumes and archives."),
        ("vt static /srv/www/vt photos home.vt@2026-10", "Publish a volume, and a state of an archive."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var references = context.Get(_references);
        if (context.Get(_all) && references.Length > 0)
            throw new UserErrorException("--all writes everything: name no trees besides");
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        using var exporter = StaticExporter.Open(trees.Store, context.PathFromHere(context.Get(_folder)));
        if (context.Get(_all))
            await exporter.Selection.AddAllAsync(cancellationToken);
        else if (references.Length == 0)
            await SelectedThings.AddNamedAsync(exporter.Selection, trees.Store, cancellationToken);
        foreach (var reference in references)
        {
            if (await SelectedThings.AddAsync(exporter.Selection, trees, reference, cancellationToken) is { } root && !context.Get(_json))
                context.Output.WriteLine(root.ToString());
        }

        await exporter.WriteAsync(cancellationToken);
        if (context.Get(_json))
        {
            PrintJson(context, exporter);
        }
        else if (!context.IsQuiet)
        {
            context.Messages.Say($"{HumanText.Count(exporter.Blocks, "block")} written, {HumanText.Size(exporter.Bytes)}");
        }

        return ExitCode.Ok;
    }

    static void PrintJson(CommandContext context, StaticExporter exporter)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("blocks", exporter.Blocks);
            json.WriteNumber("bytes", exporter.Bytes);
            json.WriteEndObject();
        }

        context.Output.WriteBytes(buffer.ToArray());
        context.Output.WriteLine("");
    }
}
