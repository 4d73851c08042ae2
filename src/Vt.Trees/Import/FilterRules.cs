using Vt.Blocks.Contracts;

namespace Vt.Trees.Import;

/// <summary>
/// Which names an import takes. Rules are asked in the order in which they were added and the first that matches decides, as
/// with rsync; a file of ignore lines counts as one rule, in which the last line that matches decides, as with .gitignore.
/// What no rule matches is taken. What is below a directory that is left out is never asked about. Not for changing while it is used.
/// </summary>
public sealed class FilterRules
{
    readonly List<FilterRule[]> _groups = [];

    /// <summary>Whether there are no rules.</summary>
    public bool IsEmpty => _groups.Count == 0;

    /// <summary>Takes what an rsync pattern matches.</summary>
    /// <param name="pattern">
    /// Its bytes. <c>*</c> is any bytes but slashes, <c>**</c> any bytes, <c>?</c> one byte but a slash, <c>[…]</c> a class. A
    /// slash in front anchors it at the source, one behind means directories only; <c>dir/***</c> is a directory with all that is in it.
    /// </param>
    /// <exception cref="UserErrorException">It is empty or malformed.</exception>
    public void Include(ReadOnlyMemory<byte> pattern) => AddRsync(pattern, isExclude: false);

    /// <summary>Leaves out what an rsync pattern matches.</summary>
    /// <inheritdoc cref="Include"/>
    public void Exclude(ReadOnlyMemory<byte> pattern) => AddRsync(pattern, isExclude: true);

    /// <summary>
    /// Leaves out what the lines of an ignore file match: <c>!</c> takes again, <c>#</c> starts a comment, a slash in front
    /// or inside anchors at the source, <c>**/</c> is any number of folders.
    /// </summary>
    /// <param name="content">The file's bytes.</param>
    /// <exception cref="UserErrorException">A line is malformed.</exception>
    public void ExcludeFrom(ReadOnlySpan<byte> content)
    {
        var rules = new List<FilterRule>();
        foreach (var range in content.Split((byte)'\n'))
        {
            if (FilterRule.FromIgnoreLine(content[range]) is { } rule)
                rules.Add(rule);
        }

        // The last match decides within the file, so the first does from behind.
        rules.Reverse();
        if (rules.Count > 0)
            _groups.Add([.. rules]);
    }

    /// <summary>Whether a name is left out.</summary>
    /// <param name="path">Its path below the source, without a slash in front.</param>
    /// <param name="isDirectory">Whether it is a directory.</param>
    public bool Excludes(ReadOnlySpan<byte> path, bool isDirectory)
    {
        foreach (var group in _groups)
        {
            foreach (var rule in group)
            {
                if (rule.Matches(path, isDirectory))
                    return rule.IsExclude;
            }
        }

        return false;
    }

    void AddRsync(ReadOnlyMemory<byte> pattern, bool isExclude)
    {
        if (pattern.Span.TrimEnd((byte)'/').IsEmpty)
            throw new UserErrorException("a pattern that includes or excludes is empty");
        _groups.Add([.. FilterRule.FromRsync(pattern, isExclude)]);
    }
}
