using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Platonic;

namespace Vt.Stores.Config;

/// <summary>A folder of ordinary files that are indexed in place.</summary>
/// <param name="Path">The folder, absolute.</param>
/// <param name="State">The folder of the index, absolute.</param>
/// <param name="Meta">The store of what is in no file.</param>
/// <param name="Archive">The archive that the folder's tree appears in, absolute.</param>
public sealed record PlatonicSettings(string Path, string State, StoreSettings Meta, string Archive) : StoreSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "platonic";

    internal const string PathKey = "path";

    const string ArchiveExtension = ".vt";
    const string StateExtension = ".platonic";

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => $"{Type} {Path}";

    /// <summary>Whether symbolic links in the folder are taken as what they lead to.</summary>
    public bool FollowSymlinks { get; init; }

    internal static PlatonicSettings Read(ClauseReader clause)
    {
        var needed = clause.Need(PathKey);
        var path = clause.Expand(needed.Value, needed.Origin);
        var word = WordFor(clause.Clause.Name, path);
        var state = clause.Path("state", word + StateExtension);
        var archive = clause.Text("archive") ?? word;
        archive = clause.Expand(archive.EndsWith(ArchiveExtension, StringComparison.Ordinal) ? archive : archive + ArchiveExtension, clause.Clause.Origin);
        foreach (var (key, place) in (ReadOnlySpan<(string, string)>)[("state", state), ("archive", archive)])
        {
            if (place == path || (place.StartsWith(path, StringComparison.Ordinal) && place[path.Length..].StartsWith('/')))
                throw new UserErrorException($"{clause.Clause.Origin}: {key}: {place} lies in {path}, which is what is to be indexed; say another place");
        }

        return new PlatonicSettings(path, state, clause.Store("meta") ?? new DataDirSettings(new PlatonicLayout(state).Meta), archive)
        {
            FollowSymlinks = clause.Switch("follow_symlinks") ?? false,
        };
    }

    // A clause's name, or of a spec that is spelt out, one that is always the same for its folder.
    static string WordFor(string clause, string path)
    {
        if (clause.Length > 0 && clause[0] is not ('.' or '~') && clause.All(static one => char.IsLetterOrDigit(one) || one is '_' or '-' or '.'))
            return clause;
        var hash = HashAlgorithms.GetHasher(HashAlgorithmId.Blake3).Hash(Encoding.UTF8.GetBytes(path));
        return $"{System.IO.Path.GetFileName(path.TrimEnd('/'))}-{hash.ToShortString()}";
    }
}
