using System.Runtime.CompilerServices;
using Vt.Blocks.Hashing;
using Vt.Trees.Archives;
using Vt.Trees.Directories;

namespace Vt.Volumes.Commits;

/// <summary>Finds the commits in which a path changed, along the first parents: a merge counts where it brought the change in.</summary>
/// <param name="commits">The commits.</param>
/// <param name="directories">Reads their trees.</param>
public sealed class PathHistory(CommitStore commits, DirectoryReader directories)
{
    /// <summary>The commits, the newest first. What did not change is not read: a tree whose root is the same costs nothing, and a path a few blocks.</summary>
    /// <param name="start">Where to begin.</param>
    /// <param name="path">The path, names with slashes between; empty for the root.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<PathChange> FindAsync(BlockHash start, ReadOnlyMemory<byte> path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var id = start;
        var commit = await commits.ReadAsync(id, cancellationToken);
        var after = await TreePath.ResolveAsync(directories, commit.Root, path, cancellationToken);
        while (true)
        {
            var parent = commit.Parents.Count > 0 ? await commits.ReadAsync(commit.Parents[0], cancellationToken) : null;
            var before = parent is null ? null
                : parent.Root.Equals(commit.Root) ? after
                : await TreePath.ResolveAsync(directories, parent.Root, path, cancellationToken);
            if (!Equals(before, after))
                yield return new PathChange(id, commit, before, after);
            if (parent is null)
                yield break;
            (id, commit, after) = (commit.Parents[0], parent, before);
        }
    }
}
