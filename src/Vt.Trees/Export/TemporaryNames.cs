using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Vt.Posix;

namespace Vt.Trees.Export;

/// <summary>
/// The names that entries have before they get their own: where they take the place of something, and where the file system
/// knows no files without a name. They are <c>.vt-export-</c> and 16 hexadecimal digits, so that what a killed export left is
/// known.
/// </summary>
static class TemporaryNames
{
    const int Digits = 16;

    static ReadOnlySpan<byte> Prefix => ".vt-export-"u8;

    /// <summary>A name that hardly anything has.</summary>
    public static byte[] Next() =>
        [.. Prefix, .. Encoding.ASCII.GetBytes(Random.Shared.NextInt64().ToString("x16", CultureInfo.InvariantCulture))];

    /// <summary>Whether a name is such a one.</summary>
    public static bool Is(ReadOnlySpan<byte> name) =>
        name.Length == Prefix.Length + Digits
        && name.StartsWith(Prefix)
        && Utf8Parser.TryParse(name[Prefix.Length..], out ulong _, out var consumed, 'x')
        && consumed == Digits;

    /// <summary>Removes what exports that were killed left in a directory.</summary>
    /// <param name="directory">Open for reading, at its start.</param>
    public static void Clean(FileDescriptor directory)
    {
        var left = new List<byte[]>();
        foreach (var entry in new DirectoryListing(directory))
        {
            if (Is(entry.Name))
                left.Add(entry.Name.ToArray());
        }

        foreach (var name in left)
            _ = PosixFile.TryUnlinkAt(directory, name);
    }

    /// <summary>Gives an entry its own name, in the same directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="temporary">Its present name.</param>
    /// <param name="name">The name it is to have.</param>
    /// <param name="replace">Whether what has that name is replaced.</param>
    /// <returns>EEXIST where something has the name and is not to be replaced; the present name stays after an error.</returns>
    public static Errno Place(FileDescriptor directory, ReadOnlySpan<byte> temporary, ReadOnlySpan<byte> name, bool replace)
    {
        if (replace)
            return PosixFile.TryRenameAt(directory, temporary, directory, name);
        var error = PosixFile.TryRenameAt(directory, temporary, directory, name, PosixFile.RENAME_NOREPLACE);
        if (error != Errno.EINVAL)
            return error;

        // The file system has no such rename (renameat2(2)); a link never replaces either.
        error = PosixFile.TryLinkAt(directory, temporary, directory, name);
        return error == Errno.OK ? PosixFile.TryUnlinkAt(directory, temporary) : error;
    }
}
