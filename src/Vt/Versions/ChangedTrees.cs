using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files;
using Vt.Stores.Memory;
using Vt.Trees.Archives;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Versions;

/// <summary>Two trees as two smaller ones that have only what differs, to be looked at with any tool: <c>before</c> and <c>after</c>.</summary>
static class ChangedTrees
{
    /// <summary>Compares two trees.</summary>
    /// <param name="store">Where they are. Nothing is added to it.</param>
    /// <param name="reader">Reads them.</param>
    /// <param name="before">The first tree's root.</param>
    /// <param name="after">The second tree's root.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<NamedFolder> CompareAsync(IBlockStore store, DirectoryReader reader, Dirent before, Dirent after, CancellationToken cancellationToken)
    {
        var sides = (Before: new Branch(before), After: new Branch(after));
        await foreach (var change in new TreeDiff(reader).CompareAsync(before, after, cancellationToken))
        {
            if (change.Path.IsEmpty)
                continue;
            if (change.Before is { } left)
                await sides.Before.PutAsync(reader, before, change.Path, left, cancellationToken);
            if (change.After is { } right)
                await sides.After.PutAsync(reader, after, change.Path, right, cancellationToken);
        }

        var listing = new MemoryStore(store.Hasher, store.Chunking);
        using var batch = new TreeBatch(listing);
        var entries = new Dictionary<string, Dirent> { ["before"] = await sides.Before.BuildAsync(batch, cancellationToken), ["after"] = await sides.After.BuildAsync(batch, cancellationToken) };
        await batch.DrainAsync(cancellationToken);
        var made = new DirectoryReader(listing, new DirectoryNodeCache());
        return new AskedFolder(_ => new([.. entries.Keys]), (name, _) => new(entries.TryGetValue(name, out var root) ? new NamedEntry(null, root, made) : null));
    }

    /// <summary>A folder of such a tree, or what stands in one.</summary>
    sealed class Branch(Dirent entry)
    {
        readonly SortedDictionary<byte[], Branch> _below = new(Comparer<byte[]>.Create(static (one, other) => one.AsSpan().SequenceCompareTo(other)));

        Dirent Entry { get; set; } = entry;

        public async ValueTask PutAsync(DirectoryReader reader, Dirent root, ReadOnlyMemory<byte> path, Dirent entry, CancellationToken cancellationToken)
        {
            var (at, end) = (this, 0);
            while (end < path.Length)
            {
                var length = path.Span[end..].IndexOf((byte)'/');
                var next = length < 0 ? path.Length : end + length;
                var name = path[end..next].ToArray();
                if (!at._below.TryGetValue(name, out var below))
                {
                    // A folder that is the same in both but for what is in it.
                    var found = next == path.Length ? entry : await TreePath.ResolveAsync(reader, root, path[..next], cancellationToken)
                        ?? throw new FormatInvalidException($"there is no folder {LosslessText.FromBytes(path.Span[..next])} in the tree");
                    below = new Branch(found);
                    at._below.Add(name, below);
                }

                (at, end) = (below, next + 1);
            }

            at.Entry = entry;
        }

        public async ValueTask<Dirent> BuildAsync(TreeBatch batch, CancellationToken cancellationToken)
        {
            if (Entry.Kind != DirentKind.Directory)
                return Entry;
            using var builder = new DirectoryBuilder(batch);
            foreach (var (name, below) in _below)
                await builder.AddAsync((await below.BuildAsync(batch, cancellationToken)) with { Name = name, Inodes = default }, cancellationToken);
            return Entry with { Content = (await builder.CompleteAsync(cancellationToken)).Content, Inodes = default };
        }
    }
}
