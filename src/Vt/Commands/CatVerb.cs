using System.Buffers;
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
    // Several of the store's frames, so that reading a piece is worth a thread's while.
    const int PieceBytes = 1 << 20;
    const int MostPieces = 8;

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

    /// <summary>Writes content piece by piece while those that follow are read, decompressed and verified on all processors.</summary>
    static async Task WriteAsync(IBlockStore store, BlockRef content, ResultWriter output, CancellationToken cancellationToken)
    {
        var reader = new BlockTreeReader(store, content);
        var pieces = new Queue<(byte[] Buffer, Task<int> Count)>();
        var started = 0L;
        try
        {
            while (true)
            {
                for (; pieces.Count < Math.Min(Environment.ProcessorCount + 1, MostPieces) && started < content.Span; started += PieceBytes)
                    pieces.Enqueue(Start(reader, started, cancellationToken));
                if (!pieces.TryPeek(out var piece))
                    return;
                output.WriteBytes(piece.Buffer.AsSpan(0, await piece.Count));
                pieces.Dequeue();
                ArrayPool<byte>.Shared.Return(piece.Buffer);
            }
        }
        finally
        {
            foreach (var (_, count) in pieces)
                await ((Task)count).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static (byte[] Buffer, Task<int> Count) Start(BlockTreeReader reader, long offset, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(PieceBytes, reader.Length - offset));
        return (buffer, Task.Run(async () => await reader.ReadAsync(offset, buffer.AsMemory(0, (int)Math.Min(PieceBytes, reader.Length - offset)), cancellationToken), cancellationToken));
    }
}
