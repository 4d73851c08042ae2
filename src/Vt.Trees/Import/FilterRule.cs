namespace Vt.Trees.Import;

/// <summary>One pattern of a filter, and what it decides. Immutable.</summary>
sealed class FilterRule
{
    readonly GlobPattern _pattern;
    readonly bool _directoriesOnly;
    readonly bool _anchored;
    readonly bool _wholePath;

    FilterRule(GlobPattern pattern, bool isExclude, bool directoriesOnly, bool anchored, bool wholePath)
    {
        _pattern = pattern;
        IsExclude = isExclude;
        _directoriesOnly = directoriesOnly;
        _anchored = anchored;
        _wholePath = wholePath;
    }

    /// <summary>Whether what matches is left out; otherwise it is taken.</summary>
    public bool IsExclude { get; }

    /// <summary>
    /// Compiles an rsync pattern: one that starts with a slash is matched from the source on, one with a slash inside or
    /// <c>**</c> against the end of the path, another against the last name; a slash at the end means directories only, and
    /// <c>dir/***</c> a directory with all that is in it.
    /// </summary>
    public static IEnumerable<FilterRule> FromRsync(ReadOnlyMemory<byte> pattern, bool isExclude)
    {
        var text = pattern.Span;
        if (text.EndsWith("/***"u8))
        {
            yield return Rsync(pattern[..^3], isExclude);
            yield return Rsync(pattern[..^1], isExclude);
        }
        else
        {
            yield return Rsync(pattern, isExclude);
        }
    }

    /// <summary>Compiles a line of a .gitignore file.</summary>
    /// <returns>Null of a comment or an empty line.</returns>
    public static FilterRule? FromIgnoreLine(ReadOnlySpan<byte> line)
    {
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        while (line.EndsWith(" "u8) && !line.EndsWith("\\ "u8))
            line = line[..^1];
        if (line.IsEmpty || line[0] == '#')
            return null;
        var isExclude = line[0] != '!';
        if (!isExclude)
            line = line[1..];
        var directoriesOnly = line.EndsWith("/"u8);
        if (directoriesOnly)
            line = line[..^1];
        if (line.IsEmpty)
            return null;
        var anchored = line.Contains((byte)'/');
        if (line[0] == '/')
            line = line[1..];
        return new FilterRule(GlobPattern.Compile(line, folders: true), isExclude, directoriesOnly, anchored, wholePath: anchored);
    }

    /// <summary>Whether the pattern is about a path.</summary>
    /// <param name="path">The path below the source, without a slash in front.</param>
    /// <param name="isDirectory">Whether a directory is there.</param>
    public bool Matches(ReadOnlySpan<byte> path, bool isDirectory)
    {
        if (_directoriesOnly && !isDirectory)
            return false;
        if (!_wholePath)
            return _pattern.Matches(path[(path.LastIndexOf((byte)'/') + 1)..]);
        if (_pattern.Matches(path))
            return true;
        while (!_anchored)
        {
            var slash = path.IndexOf((byte)'/');
            if (slash < 0)
                break;
            path = path[(slash + 1)..];
            if (_pattern.Matches(path))
                return true;
        }

        return false;
    }

    static FilterRule Rsync(ReadOnlyMemory<byte> pattern, bool isExclude)
    {
        var text = pattern.Span;
        var anchored = text.StartsWith("/"u8);
        if (anchored)
            text = text[1..];
        var directoriesOnly = text.EndsWith("/"u8);
        if (directoriesOnly)
            text = text[..^1];
        var wholePath = anchored || text.Contains((byte)'/') || text.IndexOf("**"u8) >= 0;
        return new FilterRule(GlobPattern.Compile(text), isExclude, directoriesOnly, anchored, wholePath);
    }
}
