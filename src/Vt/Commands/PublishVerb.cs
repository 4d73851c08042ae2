using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Stores.Config;
using Vt.Trees.Import;

namespace Vt.Commands;

/// <summary>Stores files and folders for others, and says where they are.</summary>
sealed class PublishVerb : Verb
{
    readonly Option<string> _http = new("--http") { Description = "Print the address at a vt httpd as well; else VT_HTTP, else http of [GLOBAL]", HelpName = "BASE" };
    readonly Option<string> _host = new("--host") { Description = "Name the store in the URI: a clause that others have too, or a host with a vt httpd", HelpName = "NAME[:PORT]" };
    readonly Option<bool> _list = new("-l", "--list") { Description = "List what is published" };
    readonly Option<string[]> _remove = new("--remove") { Description = "Publish something no longer, by its URI or its reference", HelpName = "URI" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string[]> _paths = new("PATH") { Description = "The files and folders", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public PublishVerb()
        : base("publish", "Store files and folders for others, and print where they are")
    {
        foreach (var option in (Option[])[_http, _host, _list, _remove, _json])
            Options.Add(option);
        Arguments.Add(_paths);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        What is printed is a URI, x-vt:/REF/NAME, that every command takes where it takes a REF, here and wherever the store can be read; it stands for these bytes for ever. It ends in the
        file's name, and that of a folder in a slash. With --host it says which store has it: whoever has a clause of that name, or reaches that host,
        reads it from there. With --http the address for browsers follows. vt-uri(7) says what URIs may be.

        A reference published/NAME-HEX keeps what is published until --remove ends it. The same file published again is the same. A file that can't be read is reported,
        and the exit status is 3.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt publish report.pdf", "Store a file, and print its URI."),
        ("vt publish --http https://vt.example.org photos", "Store a folder, and print its address for browsers too."),
        ("vt publish --list", "List what is published."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (paths, removed) = (context.Get(_paths), context.Get(_remove) ?? []);
        if ((paths.Length > 0 ? 1 : 0) + (removed.Length > 0 ? 1 : 0) + (context.Get(_list) ? 1 : 0) != 1)
            throw new UserErrorException("say either what is to be published, --list, or --remove and what");
        var host = context.Get(_host) ?? "";
        if (host.Length > 0 && UriAuthority.FaultOf(host) is { } fault)
            throw new UserErrorException($"--host: {fault}");
        var top = TopOf(context);
        await using var store = await context.OpenStoreAsync(isReadOnly: context.Get(_list), cancellationToken);
        if (context.Get(_list))
        {
            await foreach (var (tree, when) in PublishedTree.ListAsync(store, cancellationToken))
                Print(context, tree, host, top, null, when);
            return ExitCode.Ok;
        }

        foreach (var published in removed)
            await RemoveAsync(context, store, published, cancellationToken);
        var isPartial = false;

        // All names first: what has none is refused before anything is read.
        var named = paths.Select(path => (Path: path, Name: NameOf(context, path))).ToList();
        foreach (var (path, name) in named)
        {
            var result = await StoreAsync(context, store, path, cancellationToken);
            isPartial |= result.IsPartial;
            Print(context, await PublishedTree.MakeAsync(store, result.Root, name, cancellationToken), host, top, path, null);
        }

        return isPartial ? ExitCode.Partial : ExitCode.Ok;
    }

    string TopOf(CommandContext context)
    {
        var top = context.Get(_http) ?? context.Configuration.Http.Value;
        return top.Length == 0 || (Uri.TryCreate(top, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" })
            ? top
            : throw new UserErrorException($"--http: '{top}' is no address of a vt httpd; write http://HOST[:PORT] or https://HOST[:PORT]/PATH");
    }

    static byte[] NameOf(CommandContext context, string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(context.PathFromHere(path)))) is { Length: > 0 } name
        ? LosslessText.ToBytes(name)
        : throw new UserErrorException($"'{path}' has no name that an address could end in");

    static async Task<ImportResult> StoreAsync(CommandContext context, IBlockStore store, string path, CancellationToken cancellationToken)
    {
        var counters = new ImportCounters();
        var options = new ImportOptions
        {
            SkippedDirectories = [.. StoreFactory.FoldersOf(context.StoreSettings)],
            Counters = counters,
            OnIssue = issue => context.Messages.Say(issue.ToString()),
        };
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, "publish", () => new ProgressSnapshot(counters.BytesRead, counters.FilesRead)))
            return await new Importer(store).ImportAsync(LosslessText.ToBytes(context.PathFromHere(path)), options: options, cancellationToken: cancellationToken);
    }

    static async Task RemoveAsync(CommandContext context, IBlockStore store, string name, CancellationToken cancellationToken)
    {
        var references = store as IRefStore ?? throw new UserErrorException($"{store.Description} keeps no references");
        var uri = VtUri.IsOne(name) ? VtUri.Parse(name) : null;
        var wanted = new List<string>();
        await foreach (var (tree, _) in PublishedTree.ListAsync(store, cancellationToken))
        {
            if (tree.Reference == name || (uri is not null && tree.UriAt(uri.Authority).Equals(uri)))
                wanted.Add(tree.Reference);
        }

        if (wanted.Count == 0)
            throw new UserErrorException($"'{name}' is not published in {store.Description}; vt publish --list shows what is");
        foreach (var reference in wanted)
        {
            while (await references.ReadAsync(reference, cancellationToken) is { } value && !await references.TryMoveAsync(reference, value, null, "published no longer", cancellationToken))
            {
                // Somebody has published it anew meanwhile.
            }

            if (!context.IsQuiet)
                context.Messages.Say($"{reference} is published no longer");
        }
    }

    void Print(CommandContext context, PublishedTree tree, string host, string top, string? path, DateTimeOffset? when)
    {
        var uri = tree.UriAt(host);
        if (!context.Get(_json))
        {
            context.Output.WriteLine(when is { } date ? $"{DirentText.DateOf(date)}  {uri}" : uri.ToString());
            if (top.Length > 0)
                context.Output.WriteLine(when is null ? uri.AtServer(top) : $"{new string(' ', DirentText.DateOf(when.Value).Length)}  {uri.AtServer(top)}");
            return;
        }

        var json = context.Output.BeginJson();
        json.WriteStartObject();
        if (path is not null)
            NameText.WriteJson(json, "path", LosslessText.ToBytes(path));
        json.WriteString("uri", uri.ToString());
        if (top.Length > 0)
            json.WriteString("http", uri.AtServer(top));
        json.WriteString("reference", tree.Reference);
        if (when is { } published)
            json.WriteString("when", published);
        json.WriteEndObject();
        context.Output.EndJson();
    }
}
