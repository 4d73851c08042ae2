using Vt.Trees.Import;

namespace Vt.Ftp;

/// <summary>Finds the paths that a pattern stands for. <c>*</c>, <c>?</c> and <c>[…]</c> stay within a name, <c>**</c> as a name of its own means any folders; a dot at a name's beginning has to be typed.</summary>
/// <param name="list">Lists a folder, which is given by its path: names, and whether each is a folder. None of what is no folder.</param>
/// <param name="join">The path of a name in a folder.</param>
/// <param name="parent">The folder that a folder is in.</param>
sealed class PathGlob(
    Func<byte[], CancellationToken, IAsyncEnumerable<(byte[] Name, bool IsFolder)>> list, Func<byte[], byte[], byte[]> join, Func<byte[], byte[]> parent)
{
    /// <summary>Finds them.</summary>
    /// <param name="start">The path of the folder that the pattern starts from.</param>
    /// <param name="pattern">The pattern, in which a backslash quotes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The paths in the order of their bytes, each once; none where nothing matches.</returns>
    public async Task<List<byte[]>> ExpandAsync(byte[] start, byte[] pattern, CancellationToken cancellationToken)
    {
        var found = new SortedSet<byte[]>(Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));
        await GoAsync(start, Split(pattern), 0, found, cancellationToken);
        return [.. found];
    }

    static List<byte[]> Split(byte[] pattern)
    {
        var parts = new List<byte[]>();
        var start = 0;
        for (var i = 0; i <= pattern.Length; i++)
        {
            if (i < pattern.Length && pattern[i] != '/')
                continue;
            if (i > start && !pattern.AsSpan(start, i - start).SequenceEqual("."u8))
                parts.Add(pattern[start..i]);
            start = i + 1;
        }

        return parts;
    }

    async Task GoAsync(byte[] folder, List<byte[]> parts, int at, SortedSet<byte[]> found, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var part = parts[at];
        var isLast = at == parts.Count - 1;
        if (part.AsSpan().SequenceEqual(".."u8))
        {
            if (!isLast)
                await GoAsync(parent(folder), parts, at + 1, found, cancellationToken);
            return;
        }

        var isDeep = part.AsSpan().SequenceEqual("**"u8);
        if (isDeep && !isLast)
            await GoAsync(folder, parts, at + 1, found, cancellationToken);
        var glob = GlobPattern.Compile(part);
        var showsHidden = part is [(byte)'.', ..];
        var below = new List<byte[]>();
        await foreach (var (name, isFolder) in list(folder, cancellationToken))
        {
            if ((name is [(byte)'.', ..] && !showsHidden) || !glob.Matches(name))
                continue;
            if (isLast)
                found.Add(join(folder, name));
            if (isFolder && (isDeep || !isLast))
                below.Add(join(folder, name));
        }

        foreach (var path in below)
            await GoAsync(path, parts, isDeep ? at : at + 1, found, cancellationToken);
    }
}
