using Vt.Trees.Archives;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Volumes.Commits;

/// <summary>
/// Tells in which commits one of some paths changed: where a comparison with the commit before shows a difference at the path or below it. A merge counts where it differs
/// from each of its parents; what it only took over was changed by another commit.
/// </summary>
/// <remarks>A tree whose root is the same costs nothing, a path the blocks of its folders, and a folder what differs in it. Not safe from several threads.</remarks>
/// <param name="commits">The commits.</param>
/// <param name="directories">Reads their trees.</param>
/// <param name="paths">The paths, names with slashes between; empty for the root.</param>
public sealed class PathFilter(CommitStore commits, DirectoryReader directories, IReadOnlyList<ReadOnlyMemory<byte>> paths)
{
    readonly TreeDiff _diff = new(directories);

    /// <summary>Whether one of the paths changed in a commit.</summary>
    public async ValueTask<bool> IsChangedInAsync(Commit commit, CancellationToken cancellationToken = default)
    {
        if (commit.Parents.Count == 0)
            return await AnyAsync(path => ExistsAsync(commit.Root, path, cancellationToken));
        foreach (var parent in commit.Parents)
        {
            var before = (await commits.ReadAsync(parent, cancellationToken)).Root;
            if (before.Equals(commit.Root) || !await AnyAsync(path => DiffersAsync(before, commit.Root, path, cancellationToken)))
                return false;
        }

        return true;
    }

    async ValueTask<bool> AnyAsync(Func<ReadOnlyMemory<byte>, ValueTask<bool>> isTrueOf)
    {
        foreach (var path in paths)
        {
            if (await isTrueOf(path))
                return true;
        }

        return false;
    }

    async ValueTask<bool> ExistsAsync(Dirent root, ReadOnlyMemory<byte> path, CancellationToken cancellationToken) =>
        await TreePath.ResolveAsync(directories, root, path, cancellationToken) is not null;

    async ValueTask<bool> DiffersAsync(Dirent before, Dirent after, ReadOnlyMemory<byte> path, CancellationToken cancellationToken)
    {
        var old = await TreePath.ResolveAsync(directories, before, path, cancellationToken);
        var current = await TreePath.ResolveAsync(directories, after, path, cancellationToken);
        if (old is null || current is null)
            return (old is null) != (current is null);

        // A folder's own blocks say nothing of the inodes of hard links in it.
        await foreach (var _ in _diff.CompareAsync(old with { Inodes = before.Inodes }, current with { Inodes = after.Inodes }, cancellationToken))
            return true;
        return false;
    }
}
