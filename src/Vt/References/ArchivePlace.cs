using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;

namespace Vt.References;

/// <summary>Where a tree is to be stored: an archive file, which may be yet to be made, and a path in its tree.</summary>
/// <param name="Archive">The archive file.</param>
/// <param name="Path">The path in the tree, names with slashes between; empty for the root.</param>
sealed record ArchivePlace(string Archive, ReadOnlyMemory<byte> Path)
{
    const string Extension = ".vt";

    /// <summary>Reads <c>ARCHIVE.vt[/path]</c>. The archive is the first part that ends in <c>.vt</c> and is no folder.</summary>
    /// <exception cref="UserErrorException">No part is.</exception>
    public static ArchivePlace Parse(string text)
    {
        for (var from = 0; ;)
        {
            var at = text.IndexOf(Extension, from, StringComparison.Ordinal);
            if (at < 0)
                throw new UserErrorException($"'{text}' names no archive; say ARCHIVE{Extension} or ARCHIVE{Extension}/path");
            var end = at + Extension.Length;
            if ((end == text.Length || text[end] == '/') && at > 0 && text[at - 1] != '/' && !Directory.Exists(text[..end]))
                return new ArchivePlace(text[..end], LosslessText.ToBytes(text[end..].Trim('/')));
            from = end;
        }
    }
}
