using System.Globalization;
using System.Text;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Stores.References;

namespace Vt.Stores.PackFile;

/// <summary>
/// What a store file begins with: how its content was cut, and references that name what is in it. One block of text, or several where the references
/// don't fit into one; vt-datadir(5) has the form.
/// </summary>
/// <param name="Chunking">How the store that it was made of cuts content.</param>
/// <param name="References">The references' values by their names.</param>
public sealed record PackFileTop(ChunkingParameters Chunking, IReadOnlyDictionary<string, string> References)
{
    /// <summary>The reference of the folder that is all of the file, where it was made of one.</summary>
    public const string OneTree = "trees/top";

    /// <summary>The longest block of it, in bytes.</summary>
    public const int LongestBlock = 256 << 10;

    /// <summary>The most blocks that it may have.</summary>
    public const int MostBlocks = 4096;

    const string Magic = "vt-store-file 1";
    const string ChunkingWord = "chunking";
    const string ReferenceWord = "reference";
    const string More = "more";
    const string End = "end";

    /// <summary>The top of a file of one folder.</summary>
    /// <param name="chunking">How its store cuts.</param>
    /// <param name="root">The text of the folder's dirent.</param>
    public static PackFileTop OfTree(ChunkingParameters chunking, string root) => new(chunking, new Dictionary<string, string> { [OneTree] = root });

    /// <summary>The blocks, in the order in which they begin the file.</summary>
    /// <exception cref="UserErrorException">A value is too long, or there are too many.</exception>
    public IReadOnlyList<byte[]> Encode()
    {
        var blocks = new List<byte[]>();
        var text = new StringBuilder().Append(Magic).Append('\n')
            .Append(CultureInfo.InvariantCulture, $"{ChunkingWord} {Chunking.Rule} {Chunking.Minimum} {Chunking.Average} {Chunking.Maximum}\n");
        var length = text.Length;
        foreach (var (name, value) in References.OrderBy(static reference => reference.Key, StringComparer.Ordinal))
        {
            RefName.Check(name, value, "");
            var line = $"{ReferenceWord} {name} {value}\n";
            var bytes = Encoding.UTF8.GetByteCount(line);
            if (bytes > LongestBlock / 2)
                throw new UserErrorException($"the value of the reference {name} has {bytes} bytes, and a store file takes {LongestBlock / 2}");
            if (length + bytes + More.Length + 1 > LongestBlock)
            {
                blocks.Add(Encoding.UTF8.GetBytes(text.Append(More).Append('\n').ToString()));
                text.Clear().Append(Magic).Append('\n');
                length = text.Length;
            }

            text.Append(line);
            length += bytes;
        }

        blocks.Add(Encoding.UTF8.GetBytes(text.Append(End).Append('\n').ToString()));
        return blocks.Count <= MostBlocks ? blocks : throw new UserErrorException($"{References.Count} references don't fit into a store file; pack fewer");
    }

    /// <summary>Reads the blocks that a file begins with.</summary>
    /// <param name="blocks">The file's blocks in their order; no more than needed are taken.</param>
    /// <returns>Null where the first block is none of a top: the file is a pack of some store's.</returns>
    /// <exception cref="FormatInvalidException">There is a beginning of one that is not whole or makes no sense.</exception>
    public static PackFileTop? Read(IEnumerable<byte[]> blocks)
    {
        ChunkingParameters? chunking = null;
        var references = new Dictionary<string, string>(StringComparer.Ordinal);
        var count = 0;
        foreach (var block in blocks)
        {
            var text = Encoding.UTF8.GetString(block);
            if (!text.StartsWith(Magic + "\n", StringComparison.Ordinal))
                return count == 0 ? null : throw new FormatInvalidException("the list of references breaks off");
            var last = "";
            foreach (var line in text.AsSpan(Magic.Length + 1).TrimEnd('\n').ToString().Split('\n'))
            {
                ReadLine(line, references, ref chunking);
                last = line;
            }

            if (last == End)
                return new PackFileTop(chunking ?? throw new FormatInvalidException("nothing says how the content was cut"), references);
            if (last != More || ++count == MostBlocks)
                break;
        }

        return count == 0 ? null : throw new FormatInvalidException("the list of references breaks off");
    }

    static void ReadLine(string line, Dictionary<string, string> references, ref ChunkingParameters? chunking)
    {
        var words = line.Split(' ', 3);
        switch (words)
        {
            case [More or End]:
                return;
            case [ReferenceWord, var name, var value]:
                if (!RefName.IsValid(name) || !references.TryAdd(name, value))
                    throw new FormatInvalidException($"'{name}' is no name of a reference, or comes twice");
                return;
            case [ChunkingWord, ..]:
                chunking = ReadChunking(line);
                return;

            // What a later version says besides is not needed to read the blocks.
            default:
                return;
        }
    }

    static ChunkingParameters ReadChunking(string line)
    {
        var numbers = new int[4];
        var words = line.Split(' ');
        for (var i = 0; i < numbers.Length; i++)
        {
            if (words.Length != numbers.Length + 1 || !int.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                throw new FormatInvalidException($"'{line}' says nothing of how content is cut");
        }

        var (rule, minimum, average, maximum) = (numbers[0], numbers[1], numbers[2], numbers[3]);
        if (rule != 1 || minimum < 1 || average < minimum || maximum < average || maximum > ChunkingParameters.LargestBlock)
            throw new FormatInvalidException($"'{line}' is no way of cutting that this version knows");
        return new ChunkingParameters { Rule = rule, Minimum = minimum, Average = average, Maximum = maximum };
    }
}
