using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <summary>What a live archive is to become: another tree, or another archive.</summary>
/// <param name="Archive">The archive file: the live one's own, or the one to go on with.</param>
/// <param name="Target">Of its own, the root of the tree that becomes its next state; of another, null: its newest state is it.</param>
/// <param name="Expected">What the newest state must be, all changes stored; null for whatever it is.</param>
public sealed record ArchiveTurn(string Archive, Dirent? Target, Dirent? Expected)
{
    /// <summary>The bytes of an attribute's value: the path and the texts of the two roots, with a NUL between.</summary>
    public byte[] ToBytes() => LosslessText.ToBytes($"{Archive}\0{Target}\0{Expected}");

    /// <summary>Reads <see cref="ToBytes"/>.</summary>
    /// <returns>Null where it is none.</returns>
    public static ArchiveTurn? Parse(ReadOnlySpan<byte> bytes)
    {
        if (LosslessText.FromBytes(bytes).Split('\0') is not [['/', ..] archive, var target, var expected])
            return null;
        try
        {
            return new ArchiveTurn(archive, target.Length > 0 ? Dirent.Parse(target) : null, expected.Length > 0 ? Dirent.Parse(expected) : null);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }
}
