using System.Collections.Concurrent;
using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Files;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;
using Vt.Volumes.Revisions;

namespace Vt.Versions;

/// <summary>What mounts show under <c>.vt</c>: every version that there is of what is mounted, by the names that commands take too.</summary>
/// <param name="store">The store.</param>
/// <param name="clock">What dates are compared with.</param>
sealed class VersionFolders(IBlockStore store, TimeProvider clock)
{
    const string DiffSign = "..";
    const int MostDiffs = 8;

    // Those that were asked for last: every step into one asks for it again.
    readonly List<(Dirent Before, Dirent After, NamedFolder Folder)> _diffs = [];
    readonly ConcurrentDictionary<string, NamedFolder> _prefixes = new(StringComparer.Ordinal);

    readonly DirectoryReader _directories = new(store, new DirectoryNodeCache());

    /// <summary>The versions of what is mounted.</summary>
    /// <param name="volume">The volume; null of an archive.</param>
    /// <param name="head">What HEAD means.</param>
    /// <param name="archive">The archive that has its states; null where it has none.</param>
    public NamedFolder Of(Volume? volume, Func<CancellationToken, ValueTask<string>> head, Func<string>? archive)
    {
        var folders = new Dictionary<string, NamedFolder>(StringComparer.Ordinal);
        if (volume is not null)
        {
            var resolve = ResolverOf(volume, head);
            folders["branches"] = Named(volume.ListBranchesAsync, volume.ReadTipAsync, volume.Commits, "branches/", "");
            folders["tags"] = Named(volume.ListTagsAsync, volume.ReadTagAsync, volume.Commits, "tags/", "");
            folders["commits"] = new AskedFolder(token => CommitsAsync(volume, token), async (name, token) => new NamedEntry(null, await resolve(name, token)));
            folders["diff"] = new AskedFolder(static _ => new([]), async (name, token) => await DiffAsync(name, resolve, token));
        }

        if (archive is not null)
            folders["states"] = new AskedFolder(_ => new(StatesOf(archive())), (name, _) => new(new NamedEntry(null, StateOf(archive(), name))));
        return AskedFolder.Of(folders);
    }

    static Func<string, CancellationToken, ValueTask<Dirent>> ResolverOf(Volume volume, Func<CancellationToken, ValueTask<string>> head) => async (name, token) =>
    {
        var revision = Revision.Parse(name);
        if (revision.Volume is not null)
            throw new UserErrorException($"'{name}' is of another volume");
        var resolver = new RevisionResolver(volume, await head(token), TimeProvider.System);
        return (await volume.Commits.ReadAsync(await resolver.ResolveAsync(revision, token), token)).Root;
    };

    // A name with slashes is one in folders.
    AskedFolder Named(
        Func<CancellationToken, IAsyncEnumerable<string>> list, Func<string, CancellationToken, ValueTask<BlockHash?>> read, CommitStore commits, string kind, string prefix) => new(
        async token =>
        {
            var names = new SortedSet<string>(StringComparer.Ordinal);
            await foreach (var name in list(token))
            {
                if (name.StartsWith(prefix, StringComparison.Ordinal))
                    names.Add(name[prefix.Length..].Split('/')[0]);
            }

            return [.. names];
        },
        async (name, token) =>
        {
            await foreach (var known in list(token))
            {
                if (known == prefix + name)
                    return await read(known, token) is { } commit ? new NamedEntry(null, (await commits.ReadAsync(commit, token)).Root) : null;
                if (known.StartsWith($"{prefix}{name}/", StringComparison.Ordinal))
                    return new NamedEntry(_prefixes.GetOrAdd($"{kind}{prefix}{name}/", _ => Named(list, read, commits, kind, $"{prefix}{name}/")), null);
            }

            return null;
        });

    static async ValueTask<List<string>> CommitsAsync(Volume volume, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var (id, _) in new CommitWalk(volume.Commits).WalkAsync(await volume.ListStartsAsync(cancellationToken), cancellationToken))
            names.Add(CommitText.IdOf(id));
        return names;
    }

    async ValueTask<NamedEntry?> DiffAsync(string name, Func<string, CancellationToken, ValueTask<Dirent>> resolve, CancellationToken cancellationToken)
    {
        var at = name.IndexOf(DiffSign, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var (before, after) = (await resolve(SideOf(name[..at]), cancellationToken), await resolve(SideOf(name[(at + DiffSign.Length)..]), cancellationToken));
        lock (_diffs)
        {
            if (_diffs.Find(known => known.Before.Equals(before) && known.After.Equals(after)).Folder is { } folder)
                return new NamedEntry(folder, null);
        }

        var made = await ChangedTrees.CompareAsync(store, _directories, before, after, cancellationToken);
        lock (_diffs)
        {
            if (_diffs.Count == MostDiffs)
                _diffs.RemoveAt(0);
            _diffs.Add((before, after, made));
        }

        return new NamedEntry(made, null);
    }

    static string SideOf(string name) => name.Length == 0 ? Revision.Head : name;

    static List<string> StatesOf(string archive) =>
        [.. new ArchiveFile(archive, TimeProvider.System).ReadAll().States.Select(static state => state.Date.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)).Distinct()];

    Dirent StateOf(string archive, string date) => RootReference.Parse($"{archive}@{date}").LoadRoot(clock);
}
