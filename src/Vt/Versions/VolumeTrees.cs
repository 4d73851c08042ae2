using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Mounts;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;
using Vt.Volumes.Revisions;

namespace Vt.Versions;

/// <summary>Finds the trees that references of the forms <c>VOLUME[/PATH]</c>, <c>VOLUME@REV[/PATH]</c> and <c>REV[/PATH]</c> name.</summary>
/// <param name="context">The command.</param>
/// <param name="store">The store.</param>
sealed class VolumeTrees(CommandContext context, IBlockStore store)
{
    const string ArchiveExtension = ".vt";

    readonly OpenVolumes? _volumes = store is IRefStore ? OpenVolumes.Of(context, store) : null;

    /// <summary>The volume that revisions without one are of; null for the one that the environment says, else the current one.</summary>
    public string? Usual { get; set; }

    /// <summary>The tree that is worked on in the volume that revisions without one are of, as the text of a root.</summary>
    /// <exception cref="UserErrorException">There is none of that name, or no current one.</exception>
    public async ValueTask<string> FindWorkedOnAsync(CancellationToken cancellationToken) => (await TreeOfAsync(await FindUsualAsync(cancellationToken), cancellationToken)).ToString();

    /// <summary>The tree of its last commit, likewise.</summary>
    /// <exception cref="UserErrorException">There is none of that name, no current one, or no commit in it.</exception>
    public async ValueTask<string> FindLastCommitAsync(CancellationToken cancellationToken) =>
        await FindAtAsync(await FindUsualAsync(cancellationToken), "", "HEAD", cancellationToken);

    /// <summary>Finds what a reference names.</summary>
    /// <param name="text">The reference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The same as the text of a root, with the path behind it; null where it is something else: a path of an archive, a text.</returns>
    /// <exception cref="UserErrorException">The volume is there, but there is no such commit in it.</exception>
    public async ValueTask<string?> TryFindAsync(string text, CancellationToken cancellationToken)
    {
        if (_volumes is null || text.Length == 0 || text is [_, '{', ..] || text[0] is '/' or '.' || IsArchive(text))
            return null;
        var at = VolumeEnd(text);
        if (at > 0)
            return await _volumes.Catalog.TryFindAsync(text[..at], cancellationToken) is { } named ? await FindAtAsync(named, text[..(at + 1)], text[(at + 1)..], cancellationToken) : null;
        var (name, path) = Split(text, text.IndexOf('/', StringComparison.Ordinal));
        if (await _volumes.Catalog.TryFindAsync(name, cancellationToken) is { } volume)
            return Join(await TreeOfAsync(volume, cancellationToken), path);
        return Usual is not null || _volumes.Work.ReadCurrent(store.Description) is not null || context.Surroundings.Environment(OpenVolumes.Variable) is { Length: > 0 }
            ? await TryFindInCurrentAsync(text, cancellationToken)
            : null;
    }

    /// <summary>Finds the tree that <c>VOLUME</c> or <c>VOLUME@REV</c> names, whatever is current or lies in the folder where the command was started.</summary>
    /// <param name="reference">The reference, without a path.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The tree's text; null where the store has no such volume.</returns>
    /// <exception cref="UserErrorException">The volume is there, but there is no such commit in it.</exception>
    public async ValueTask<string?> TryFindNamedAsync(string reference, CancellationToken cancellationToken)
    {
        if (_volumes is null)
            return null;
        var at = VolumeEnd(reference);
        if (await _volumes.Catalog.TryFindAsync(at > 0 ? reference[..at] : reference, cancellationToken) is not { } volume)
            return null;
        return at > 0 ? await FindAtAsync(volume, reference[..(at + 1)], reference[(at + 1)..], cancellationToken) : (await TreeOfAsync(volume, cancellationToken)).ToString();
    }

    ValueTask<Volume> FindUsualAsync(CancellationToken cancellationToken) =>
        (_volumes ?? throw new UserErrorException($"{store.Description} keeps no volumes")).FindVolumeAsync(Usual, cancellationToken);

    bool IsArchive(string text)
    {
        for (var end = text.IndexOf('/', StringComparison.Ordinal); ; end = text.IndexOf('/', end + 1))
        {
            var upTo = end < 0 ? text : text[..end];
            if (upTo.EndsWith(ArchiveExtension, StringComparison.Ordinal) || upTo.Contains(ArchiveExtension + "@", StringComparison.Ordinal) || File.Exists(context.PathFromHere(upTo)))
                return true;
            if (end < 0)
                return false;
        }
    }

    // An @ that a brace doesn't follow ends a volume's name, unless it is in the path.
    static int VolumeEnd(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && (at + 1 == text.Length || text[at + 1] != '{') && text.IndexOf('/', 0, at) < 0 ? at : -1;
    }

    async ValueTask<string?> TryFindInCurrentAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAtAsync(await _volumes!.FindVolumeAsync(Usual, cancellationToken), "", text, cancellationToken);
        }
        catch (UserErrorException)
        {
            // An archive may be meant, and what reads that says so.
            return null;
        }
    }

    // A branch may have slashes in its name: the longest beginning that names a commit counts.
    async ValueTask<string> FindAtAsync(Volume volume, string before, string text, CancellationToken cancellationToken)
    {
        var resolver = new RevisionResolver(volume, await _volumes!.HeadOfAsync(volume, cancellationToken), context.Surroundings.Clock);
        UserErrorException? fault = null;
        for (var end = text.Length; end >= 0; end = end > 0 ? text.LastIndexOf('/', end - 1) : -1)
        {
            var (revision, path) = Split(text, end);
            try
            {
                return Join((await volume.Commits.ReadAsync(await resolver.ResolveAsync(Revision.Parse(before + revision), cancellationToken), cancellationToken)).Root, path);
            }
            catch (UserErrorException missing)
            {
                fault = missing;
            }
        }

        throw fault!;
    }

    // What is checked out, with what is not committed.
    async ValueTask<Dirent> TreeOfAsync(Volume volume, CancellationToken cancellationToken)
    {
        var head = await _volumes!.HeadOfAsync(volume, cancellationToken);
        var archive = new ArchiveFile(_volumes.Work.ArchiveOf(volume, head), context.Surroundings.Clock);
        Sync(archive.Path);
        if (archive.Exists && archive.ReadLast()?.Root is { } root)
            return root;
        return await volume.ReadTipAsync(head, cancellationToken) is BlockHash tip
            ? (await volume.Commits.ReadAsync(tip, cancellationToken)).Root
            : throw new UserErrorException($"{volume.Name}@{head} has no commit yet");
    }

    // Of a branch that is mounted all that was written until now is meant. Who may not ask for that sees what the mount stores by itself every few seconds.
    static void Sync(string archive)
    {
        try
        {
            LiveMount.Find(archive)?.Sync();
        }
        catch (UserErrorException)
        {
        }
    }

    static (string Before, string After) Split(string text, int at) => at < 0 || at >= text.Length ? (text, "") : (text[..at], text[(at + 1)..]);

    static string Join(Dirent root, string path) => path.Length == 0 ? root.ToString() : $"{root}/{path}";
}
