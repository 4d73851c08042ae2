using System.CommandLine;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.References;
using Vt.Settings;
using Vt.Trees.Dirents;

namespace Vt.Commands;

/// <summary>Writes stored files' content to standard output.</summary>
sealed class CatVerb : Verb
{
    const int PieceBytes = 4 << 20;

    readonly Argument<string[]> _references = new("REF") { Description = "The files", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public CatVerb()
        : base("cat", "Write the content of stored files to standard output")
    {
        Arguments.Add(_references);
    }

    /// <inheritdoc/>
    public override string Details => ReferenceHelp.Text;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt cat home.vt/notes.txt", "Show a file of the last state."),
        ("vt cat home.vt@2026-10/notes.txt > old.txt", "Bring back a file as it was at the end of a month."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var trees = await OpenTrees.OpenAsync(context, cancellationToken);
        foreach (var text in context.Get(_references))
        {
            var (entry, _) = await trees.FindAsync(text, cancellationToken);
            if (entry.Kind is not (DirentKind.File or DirentKind.Symlink))
                throw new UserErrorException($"'{text}' is a {DirentText.KindOf(entry.Kind)}, which has no content to write");
            await WriteAsync(trees.Store, entry.Content, context.Output, cancellationToken);
        }

        return ExitCode.Ok;
    }

    /// <summary>Writes content while the next piece of it is being read.</summary>
    static async Task WriteAsync(IBlockStore store, BlockRef content, ResultWriter output, CancellationToken cancellationToken)
    {
        var reader = new BlockTreeReader(store, content);
        var size = (int)Math.Min(PieceBytes, content.Span);
        var (piece, next) = (new byte[size], new byte[size]);
        var count = await reader.ReadAsync(0, piece, cancellationToken);
        for (long offset = count; count > 0;)
        {
            var (start, buffer) = (offset, next);
            var reading = Task.Run(async () => await reader.ReadAsync(start, buffer, cancellationToken), cancellationToken);
            output.WriteBytes(piece.AsSpan(0, count));
            count = await reading;
            offset += count;
            (piece, next) = (next, piece);
        }
    }
}
