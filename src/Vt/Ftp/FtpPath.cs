using Vt.Blocks.Contracts;
using Vt.Trees.Dirents;

namespace Vt.Ftp;

/// <summary>Paths in a session's tree: names with slashes between, without a slash at either end; the empty path is the top.</summary>
static class FtpPath
{
    /// <summary>What a path that was typed means.</summary>
    /// <param name="folder">The folder that it starts from, unless it begins with a slash.</param>
    /// <param name="typed">The path.</param>
    /// <exception cref="UserErrorException">A name in it can't be one.</exception>
    public static byte[] Resolve(byte[] folder, ReadOnlySpan<byte> typed)
    {
        var names = new List<byte[]>();
        if (typed is not [(byte)'/', ..])
            Add(names, folder);
        Add(names, typed);
        return Join(names);
    }

    /// <summary>The path of a name in a folder.</summary>
    public static byte[] Below(byte[] folder, ReadOnlySpan<byte> name) => folder.Length == 0 ? name.ToArray() : [.. folder, (byte)'/', .. name];

    /// <summary>The folder that a path leads to, and the name there.</summary>
    public static (byte[] Folder, byte[] Name) Split(byte[] path)
    {
        var slash = path.AsSpan().LastIndexOf((byte)'/');
        return slash < 0 ? ([], path) : (path[..slash], path[(slash + 1)..]);
    }

    /// <summary>Whether a path is another, or below it.</summary>
    public static bool IsWithin(byte[] path, byte[] folder) =>
        folder.Length == 0 || (path.AsSpan().StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == '/'));

    /// <summary>A path as text: as people see it, with a slash before it.</summary>
    public static string Show(ReadOnlySpan<byte> path) => "/" + Output.NameText.Of(path);

    static void Add(List<byte[]> names, ReadOnlySpan<byte> path)
    {
        while (!path.IsEmpty)
        {
            var slash = path.IndexOf((byte)'/');
            var name = slash < 0 ? path : path[..slash];
            path = slash < 0 ? default : path[(slash + 1)..];
            if (name.IsEmpty || name is [(byte)'.'])
                continue;
            if (name is [(byte)'.', (byte)'.'])
            {
                if (names.Count > 0)
                    names.RemoveAt(names.Count - 1);
                continue;
            }

            if (Dirent.CheckName(name) is { } fault)
                throw new UserErrorException(fault);
            names.Add(name.ToArray());
        }
    }

    static byte[] Join(List<byte[]> names)
    {
        var path = new List<byte>();
        foreach (var name in names)
        {
            if (path.Count > 0)
                path.Add((byte)'/');
            path.AddRange(name);
        }

        return [.. path];
    }
}
