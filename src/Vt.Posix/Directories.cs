namespace Vt.Posix;

/// <summary>Lists directories (getdents64(2)).</summary>
public static class Directories
{
    /// <summary>Goes through the names of an open directory, for <c>foreach</c>.</summary>
    /// <param name="directory">Open for reading, at its start; borrowed.</param>
    public static DirectoryListing Read(FileDescriptor directory) => new(directory);

    /// <summary>The names of an open directory in the order of their bytes.</summary>
    public static List<byte[]> SortedNames(FileDescriptor directory)
    {
        var names = new List<byte[]>();
        foreach (var entry in Read(directory))
            names.Add(entry.Name.ToArray());
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return names;
    }
}
