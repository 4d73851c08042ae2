using System.CommandLine;
using Vt.Blocks.BlockTree;
using Vt.Dumps;
using Vt.Mounts;
using Vt.References;
using Vt.Settings;
using Vt.Stores.PackFile;

namespace Vt.Commands;

/// <summary>Shows the inside of things.</summary>
sealed class DumpVerb : Verb
{
    readonly Argument<string[]> _objects = new("OBJECT") { Description = "What to show", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public DumpVerb()
        : base("dump", "Show what blocks, directories, archives and store files are made of")
    {
        Arguments.Add(_objects);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        OBJECT is the text of a block reference: one block's bytes, or the tree of references above many blocks. Or the text of a
        dirent, or ARCHIVE.vt/PATH: its text, and a directory's entries. Or an archive file: its lines. Or a store file: the names and values of
        the references in it, and of one that vt archive --as vtd wrote the text of the folder's dirent.

        The form of what is printed is for people, and may change.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt dump home.vt", "Show an archive's lines."),
        ("vt dump home.vt/bin", "Show a directory's entries as texts."),
        ("vt dump I{...}", "Show which blocks make up a large file; vt stat shows its reference."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var isWhole = true;
        foreach (var text in context.Get(_objects))
        {
            if (BlockRef.TryParse(text, out var content))
                await DumpContentAsync(context, content, cancellationToken);
            else if (text.EndsWith(".vtd", StringComparison.Ordinal) && File.Exists(context.PathFromHere(text)))
                DumpStoreFile(context, text);
            else if (File.Exists(context.PathFromHere(text)))
                isWhole &= new ArchiveDump(context.Output).Print(context.ArchiveAt(text));
            else
                await DumpEntryAsync(context, text, cancellationToken);
        }

        return isWhole ? ExitCode.Ok : ExitCode.Partial;
    }

    // A reference a line; of one that there is for one folder only the folder, to be pasted into other commands.
    static void DumpStoreFile(CommandContext context, string path)
    {
        var references = StoreFile.ReadReferences(context.PathFromHere(path));
        if (references.Count == 1 && references.TryGetValue(PackFileTop.OneTree, out var root))
        {
            context.Output.WriteLine(root);
            return;
        }

        foreach (var (name, value) in references.OrderBy(static reference => reference.Key, StringComparer.Ordinal))
            context.Output.WriteLine($"{name} {value}");
    }

    static async Task DumpContentAsync(CommandContext context, BlockRef content, CancellationToken cancellationToken)
    {
        await using var store = await context.OpenStoreAsync(isReadOnly: true, cancellationToken);
        await new ContentDump(store, context.Output).PrintAsync(content, cancellationToken);
    }

    static async Task DumpEntryAsync(CommandContext context, string text, CancellationToken cancellationToken)
    {
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        var (entry, _) = await trees.FindAsync(text, cancellationToken);
        await new DirectoryDump(trees.Directories, context.Output).PrintAsync(entry, cancellationToken);
    }
}
