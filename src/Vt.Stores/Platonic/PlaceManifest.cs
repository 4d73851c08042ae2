using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.Stores.Platonic;

/// <summary>The list of index files that count. It changes by rename, so that a merge takes the places of its inputs in one step.</summary>
/// <param name="Tree">What the tree is called whose files the index has all; null where there is none.</param>
/// <param name="Names">The index files, the oldest first.</param>
sealed record PlaceManifest(string? Tree, IReadOnlyList<string> Names)
{
    const string Opening = "vt platonic index 1";
    const string Whole = "whole ";
    const string Check = "crc32c ";
    const uint FileMode = 0x1a4;

    /// <summary>The list of an index without files.</summary>
    public static PlaceManifest None { get; } = new(null, []);

    /// <summary>Reads the list.</summary>
    /// <exception cref="FormatInvalidException">It is damaged.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static PlaceManifest Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path, Encoding.Latin1);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return None;
        }

        var end = text.LastIndexOf(Check, StringComparison.Ordinal);
        if (end < 0 || text[end..] != CheckLine(text[..end]))
            throw new FormatInvalidException("the list of index files is damaged").In(path);
        var lines = text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is not [Opening, .. var rest])
            throw new FormatInvalidException("the list of index files is of an unknown version").In(path);
        return rest is [var whole, .. var names] && whole.StartsWith(Whole, StringComparison.Ordinal)
            ? new PlaceManifest(whole[Whole.Length..], names)
            : new PlaceManifest(null, rest);
    }

    /// <summary>Writes the list durably. The index files that it names are durable already.</summary>
    public void Write(string path, WriteBoundary boundary)
    {
        var body = string.Join('\n', [Opening, .. Tree is null ? (string[])[] : [Whole + Tree], .. Names]) + "\n";
        StateFile.Replace(path, Encoding.Latin1.GetBytes(body + CheckLine(body)), FileMode, boundary);
    }

    static string CheckLine(string body) =>
        string.Create(CultureInfo.InvariantCulture, $"{Check}{Crc32C.Compute(Encoding.Latin1.GetBytes(body)):x8}\n");
}
