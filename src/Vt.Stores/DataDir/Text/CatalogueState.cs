using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Text;

/// <summary>What a catalogue says: the sum of its lines. Not thread-safe.</summary>
sealed class CatalogueState
{
    /// <summary>The packs that must be there.</summary>
    public HashSet<PackId> Packs { get; } = [];

    /// <summary>Of closed packs the length of the file.</summary>
    public Dictionary<PackId, long> Closed { get; } = [];

    /// <summary>The references that must be there, and how many bytes their logs have at least.</summary>
    public Dictionary<string, long> Refs { get; } = new(StringComparer.Ordinal);

    /// <summary>The sum of all sessions' adds.</summary>
    public AddCounts Added { get; private set; }

    /// <summary>Takes a line in.</summary>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public string? Apply(ReadOnlySpan<string> fields)
    {
        if (fields.Length < 4)
            return "a line has too few fields";
        switch (fields[2])
        {
            case Catalogue.PackVerb or Catalogue.ClosedVerb or Catalogue.RemovedVerb:
                return PackId.TryParse(fields[3], out var pack) ? ApplyPack(fields, pack) : $"\"{fields[3]}\" is no pack's id";
            case Catalogue.RefVerb:
                if (fields.Length != 5 || !TryNumber(fields[4], out var length))
                    return "a reference's line has no length";
                Refs[fields[3]] = Math.Max(length, Refs.GetValueOrDefault(fields[3]));
                return null;
            case Catalogue.AddedVerb:
                return ApplyAdded(fields[3..]);
            default:
                return $"a line says \"{fields[2]}\", which is not known";
        }
    }

    string? ApplyPack(ReadOnlySpan<string> fields, PackId pack)
    {
        if (fields[2] == Catalogue.RemovedVerb)
        {
            Packs.Remove(pack);
            Closed.Remove(pack);
            return null;
        }

        Packs.Add(pack);
        if (fields[2] == Catalogue.PackVerb)
            return null;
        if (fields.Length != 5 || !TryNumber(fields[4], out var length))
            return "a closed pack's line has no length";
        Closed[pack] = length;
        return null;
    }

    string? ApplyAdded(ReadOnlySpan<string> fields)
    {
        Span<long> numbers = stackalloc long[5];
        if (fields.Length != numbers.Length)
            return "an added line has too few numbers";
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!TryNumber(fields[i], out numbers[i]))
                return $"\"{fields[i]}\" is no number";
        }

        Added += new AddCounts(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        return null;
    }

    static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
