using System.Globalization;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Output;

namespace Vt.Dumps;

/// <summary>Lists what a block reference is made of: its leaves, with the indirect blocks above them, or one block's bytes.</summary>
/// <param name="store">The store.</param>
/// <param name="output">Where it goes.</param>
sealed class ContentDump(IBlockStore store, ResultWriter output)
{
    const int BytesALine = 16;

    /// <summary>Prints a reference: of one block the bytes, of a tree its references, each at its offset and indented by its depth.</summary>
    public async Task PrintAsync(BlockRef content, CancellationToken cancellationToken)
    {
        switch (content.Kind)
        {
            case BlockRefKind.Indirect:
                await PrintNodeAsync(content, 0, 0, cancellationToken);
                break;
            case BlockRefKind.Slice:
                output.WriteLine($"slice of {content.Span} bytes at {content.SliceOffset} of {content.SliceOf}");
                await PrintAsync(content.SliceOf, cancellationToken);
                break;
            case BlockRefKind.Run:
                output.WriteLine(content.ToString());
                break;
            default:
                await PrintBytesAsync(content, cancellationToken);
                break;
        }
    }

    async Task PrintNodeAsync(BlockRef reference, long offset, int depth, CancellationToken cancellationToken)
    {
        PrintLine(reference, offset, depth);
        var node = await IndirectNode.LoadAsync(store, reference, cancellationToken);
        for (var i = 0; i < node.Count; i++)
        {
            var child = node.Children[i];
            if (child.Kind == BlockRefKind.Indirect)
                await PrintNodeAsync(child, offset + node.StartOf(i), depth + 1, cancellationToken);
            else
                PrintLine(child, offset + node.StartOf(i), depth + 1);
        }
    }

    void PrintLine(BlockRef reference, long offset, int depth) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{offset,16} {new string(' ', depth * 2)}{reference}"));

    async Task PrintBytesAsync(BlockRef content, CancellationToken cancellationToken)
    {
        var bytes = new byte[content.Span];
        await new BlockTreeReader(store, content).ReadAsync(0, bytes, cancellationToken);
        var text = new char[BytesALine];
        for (var start = 0; start < bytes.Length; start += BytesALine)
        {
            var line = bytes.AsSpan(start, Math.Min(BytesALine, bytes.Length - start));
            for (var i = 0; i < line.Length; i++)
                text[i] = line[i] is >= 0x20 and < 0x7f ? (char)line[i] : '.';
            var hex = string.Join(' ', Convert.ToHexStringLower(line).Chunk(4).Select(static group => new string(group)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{start:x8}  {hex.PadRight((BytesALine * 5 / 2) - 1)}  {text.AsSpan(0, line.Length)}"));
        }
    }
}
