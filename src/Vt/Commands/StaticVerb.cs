using System.CommandLine;
using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Hosts.StaticExport;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;

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
            await exporter.AddAllAsync(cancellationToken);
        else if (references.Length == 0)
            await AddNamedAsync(exporter, trees.Store, cancellationToken);
        foreach (var reference in references)
            await AddAsync(context, exporter, trees, reference, cancellationToken);
        await exporter.WriteAsync(cancellationToken);
        if (context.Get(_json))
        {
            PrintJson(context, exporter);
        }
        else if (!context.IsQuiet)
        {
            context.Messages.Say($"{HumanText.Count(exporter.Blocks)} blocks written, {HumanText.Size(exporter.Bytes)}");
        }

        return ExitCode.Ok;
    }

    async Task AddAsync(CommandContext context, StaticExporter exporter, OpenTrees trees, string reference, CancellationToken cancellationToken)
    {
        if (trees.Store is IRefStore && await new VolumeCatalog(trees.Store).TryFindAsync(reference, cancellationToken) is { } volume)
        {
            await exporter.AddVolumeAsync(volume, cancellationToken);
            return;
        }

        var (entry, _) = await trees.FindAsync(reference, cancellationToken);
        if (entry.Kind is not (DirentKind.Directory or DirentKind.File))
            throw new UserErrorException($"'{reference}' is a {DirentText.KindOf(entry.Kind)}; name folders and files");
        await exporter.AddTreeAsync(entry, reference, cancellationToken);
        if (!context.Get(_json))
            context.Output.WriteLine(entry.ToString());
    }

    static async Task AddNamedAsync(StaticExporter exporter, IBlockStore store, CancellationToken cancellationToken)
    {
        if (store is not IRefStore references)
            throw new UserErrorException($"{store.Description} keeps no references: name the trees that are to be written");
        await foreach (var volume in new VolumeCatalog(store).ListAsync(cancellationToken))
            await exporter.AddVolumeAsync(volume, cancellationToken);
        await foreach (var name in references.ListAsync(ArchiveRegistration.Prefix, cancellationToken))
        {
            if (await references.ReadAsync(name, cancellationToken) is not { } value || ArchiveRegistration.TryParse(value) is not { } registration)
                continue;
            await exporter.AddTreeAsync(registration.Root, null, cancellationToken);

            // Where it lies on this machine is nobody's business.
            exporter.AddReference(name, (registration with { Path = "/" + Path.GetFileName(registration.Path) }).ToString());
        }
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
