using System.Globalization;
using System.Text;
using Vt.Posix;

namespace Vt.Trees.Export;

/// <summary>The names that entries have before they get their own.</summary>
static class TemporaryNames
{
    /// <summary>A name that hardly anything has.</summary>
    public static byte[] Next() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $".vt-{Random.Shared.NextInt64():x16}"));

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
