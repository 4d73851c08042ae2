using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Mounts;

/// <summary>The tree that a mount shows, and how it finds earlier versions of its folders.</summary>
/// <param name="Root">The root directory.</param>
/// <param name="Earlier">Finds an earlier version of a folder; null where the tree has no history.</param>
/// <param name="RootReader">Reads the root directory where it isn't in the store: a listing of states.</param>
sealed record MountedTree(Dirent Root, Func<ReadOnlyMemory<byte>, Dirent, CancellationToken, ValueTask<Dirent?>>? Earlier, DirectoryReader? RootReader = null)
{
    /// <summary>The tree of a reference. Where that is an archive, older states give the earlier versions.</summary>
    public static async ValueTask<MountedTree> FindAsync(
        RootReference reference, DirectoryReader reader, TimeProvider clock, CancellationToken cancellationToken)
    {
        var root = await reference.ResolveAsync(reader, clock, cancellationToken);
        if (reference.ArchivePath is null)
            return new MountedTree(root, null);
        var shown = reference.LoadRoot(clock);
        var older = new ArchiveFile(reference.ArchivePath, clock).ReadBackwards().SkipWhile(state => !state.Root.Equals(shown)).Skip(1)
            .Select(state => state.Root).ToList();
        return new MountedTree(root, (path, now, token) => FindEarlierAsync(reader, older, Join(reference.SubPath, path), now, token));
    }

    /// <summary>A folder for every state of an archive, named by its date.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="listing">A store for the listing itself, which is made here.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<MountedTree> ListStatesAsync(ArchiveFile archive, IBlockStore listing, CancellationToken cancellationToken)
    {
        var states = archive.ReadAll().States;
        var entries = new SortedDictionary<string, Dirent>(StringComparer.Ordinal);
        foreach (var state in states)
        {
            // Two states within one second differ in their fractions, which the name then shows.
            var name = state.Date.ToString("yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture);
            if (entries.ContainsKey(name))
                name = state.Date.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", System.Globalization.CultureInfo.InvariantCulture);
            entries[name] = state.Root with { Name = System.Text.Encoding.ASCII.GetBytes(name) };
        }

        using var batch = new TreeBatch(listing);
        var root = await DirectoryBuilder.BuildAsync(batch, entries.Values, cancellationToken: cancellationToken);
        await batch.DrainAsync(cancellationToken);
        var newest = states.Count > 0 ? states[^1].When : default;
        var dirent = new Dirent
        {
            Kind = DirentKind.Directory,
            Content = root.Content,
            Metadata = new Metadata { Mode = 0x16d, ModificationTime = newest, ChangeTime = newest, LinkCount = (uint)(2 + entries.Count) },
        };
        return new MountedTree(dirent, null, new DirectoryReader(listing, new DirectoryNodeCache()));
    }

    static async ValueTask<Dirent?> FindEarlierAsync(
        DirectoryReader reader, List<Dirent> older, ReadOnlyMemory<byte> path, Dirent now, CancellationToken cancellationToken)
    {
        foreach (var root in older)
        {
            if (await TreePath.ResolveAsync(reader, root, path, cancellationToken) is { Kind: DirentKind.Directory } found && found.Content != now.Content)
                return found with { Inodes = root.Inodes };
        }

        return null;
    }

    static ReadOnlyMemory<byte> Join(ReadOnlyMemory<byte> above, ReadOnlyMemory<byte> below)
    {
        if (above.IsEmpty || below.IsEmpty)
            return above.IsEmpty ? below : above;
        var path = new byte[above.Length + 1 + below.Length];
        above.CopyTo(path);
        path[above.Length] = (byte)'/';
        below.CopyTo(path.AsMemory(above.Length + 1));
        return path;
    }
}
