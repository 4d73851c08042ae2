namespace Vt.Trees.Check;

/// <summary>Where an entry is: the entry above and a name. Made for each entry, and a path only where there is a fault.</summary>
/// <param name="above">The directory; null of what lies in the root.</param>
/// <param name="name">The entry's name.</param>
sealed class CheckPath(CheckPath? above, ReadOnlyMemory<byte> name)
{
    /// <summary>The names from the root on with slashes between; empty of the root, which has no such object.</summary>
    public static byte[] Of(CheckPath? path)
    {
        var length = -1;
        for (var part = path; part is not null; part = part.Above)
            length += part.Name.Length + 1;
        var bytes = new byte[Math.Max(length, 0)];
        var end = bytes.Length;
        for (var part = path; part is not null; part = part.Above)
        {
            part.Name.CopyTo(bytes.AsMemory(end - part.Name.Length));
            end -= part.Name.Length + 1;
            if (end >= 0)
                bytes[end] = (byte)'/';
        }

        return bytes;
    }

    CheckPath? Above => above;

    ReadOnlyMemory<byte> Name => name;
}
