using System.Globalization;
using System.Text;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Shadow;

/// <summary>
/// What things are called that are about to take a place in a folder, or have lost theirs: the inode that was made, then inode, size (-1 where it doesn't count), seconds and
/// nanoseconds of what was seen in its place, and a number. Zeros where there is none.
/// </summary>
static class AsideName
{
    const int Fields = 5;

    /// <summary>Makes a name.</summary>
    /// <param name="made">The inode that was made; 0 for none.</param>
    /// <param name="seen">What was seen in its place; null for nothing.</param>
    /// <param name="number">Tells it from others.</param>
    public static byte[] Of(ulong made, Dirent? seen, int number = 0)
    {
        var time = seen?.Metadata.ModificationTime ?? default;
        var size = seen?.Kind == DirentKind.File ? seen.Size : -1;
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{made}.{seen?.Metadata.SourceInode ?? 0}.{size}.{time.Seconds}.{time.Nanoseconds}.{number}"));
    }

    /// <summary>Whether what has a name is what the name says that was made or seen; anything else is somebody's.</summary>
    public static bool Allows(ReadOnlySpan<byte> name, in Statx status)
    {
        var words = Encoding.ASCII.GetString(name).Split('.');
        if (words.Length < Fields || !TryRead(words[0], out ulong made) || !TryRead(words[1], out ulong inode)
            || !TryRead(words[2], out long size) || !TryRead(words[3], out long seconds) || !TryRead(words[4], out uint nanoseconds))
            return false;
        return made == status.Inode || (inode == status.Inode && (size < 0 || size == status.Size)
            && new Timestamp(status.ModificationTime.Seconds, status.ModificationTime.Nanoseconds) == new Timestamp(seconds, nanoseconds));
    }

    static bool TryRead<T>(string word, out T number)
        where T : struct, System.Numerics.INumber<T> => T.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
