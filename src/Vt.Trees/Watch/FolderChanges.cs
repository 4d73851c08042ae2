namespace Vt.Trees.Watch;

/// <summary>Where something may have changed.</summary>
/// <param name="Folders">Folders, by path below the one that is watched, in bytes; empty for that one itself.</param>
/// <param name="IsAll">Whether it may be anywhere: events were lost, or folders can't be watched.</param>
public sealed record FolderChanges(IReadOnlySet<byte[]> Folders, bool IsAll)
{
    /// <summary>Nowhere.</summary>
    public static FolderChanges None { get; } = new(new HashSet<byte[]>(), false);

    /// <summary>Whether nothing has changed.</summary>
    public bool IsNone => !IsAll && Folders.Count == 0;

    /// <summary>What an import of the whole folder has to look at: those folders and all above them; null for everything.</summary>
    public Func<byte[], bool>? ToScope()
    {
        if (IsAll)
            return null;
        var scope = new HashSet<byte[]>(PathBytes.Instance);
        foreach (var folder in Folders)
        {
            for (var path = folder; scope.Add(path);)
            {
                var slash = path.AsSpan().LastIndexOf((byte)'/');
                path = slash < 0 ? [] : path[..slash];
            }
        }

        return scope.Contains;
    }

    /// <summary>These and others.</summary>
    public FolderChanges And(FolderChanges others) => new(new HashSet<byte[]>(Folders.Concat(others.Folders), PathBytes.Instance), IsAll || others.IsAll);
}
