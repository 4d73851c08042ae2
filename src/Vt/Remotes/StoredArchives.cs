using Vt.Blocks.Contracts;
using Vt.Trees.Archives;

namespace Vt.Remotes;

/// <summary>The archives that a store knows, apart from the trees of branches.</summary>
/// <param name="refs">The store's references.</param>
sealed class StoredArchives(IRefStore refs)
{
    const string WorkFolderName = "volumes";
    const string Extension = ".vt";

    /// <summary>Each, with its newest state.</summary>
    public async Task<IReadOnlyList<(Guid Id, ArchiveRegistration Newest)>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<(Guid, ArchiveRegistration)>();
        await foreach (var name in refs.ListAsync(ArchiveRegistration.Prefix, cancellationToken))
        {
            if (Guid.TryParseExact(name.AsSpan(ArchiveRegistration.Prefix.Length), "D", out var id)
                && await refs.ReadAsync(name, cancellationToken) is { } value
                && ArchiveRegistration.TryParse(value) is { } newest
                && !IsTreeOfBranch(newest.Path))
                found.Add((id, newest));
        }

        return found;
    }

    /// <summary>Finds an archive by the name of its file, with .vt or without, or by its id.</summary>
    /// <param name="name">The name or id.</param>
    /// <param name="store">The store's name, for the message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">There is none, or several.</exception>
    public async Task<(Guid Id, string Name)> FindAsync(string name, string store, CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken);
        var found = Guid.TryParse(name, out var id)
            ? all.Where(archive => archive.Id == id).ToList()
            : all.Where(archive => NameOf(archive.Newest) == name || NameOf(archive.Newest) == name + Extension).ToList();
        return found switch
        {
            [var only] => (only.Id, NameOf(only.Newest)),
            [] => throw new UserErrorException($"{store} knows no archive '{name}'{(all.Count > 0 ? $"; it has {string.Join(", ", all.Take(8).Select(static archive => NameOf(archive.Newest)))}" : "")}"),
            _ => throw new UserErrorException($"{store} has {found.Count} archives '{name}': say which by its id: {string.Join(", ", found.Select(static archive => archive.Id))}"),
        };
    }

    /// <summary>The name of an archive's file.</summary>
    public static string NameOf(ArchiveRegistration archive) => Path.GetFileName(archive.Path);

    // ".../volumes/ID/BRANCH.vt": what belongs to a branch goes with its commits.
    static bool IsTreeOfBranch(string path)
    {
        var folder = Path.GetDirectoryName(path);
        return Guid.TryParseExact(Path.GetFileName(folder), "D", out _) && Path.GetFileName(Path.GetDirectoryName(folder)) == WorkFolderName;
    }
}
