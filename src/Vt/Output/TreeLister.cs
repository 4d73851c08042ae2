using Vt.References;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>Walks stored directories for a listing; each form of listing is a leaf of this.</summary>
/// <param name="trees">Reads the store.</param>
abstract class TreeLister(OpenTrees trees)
{
    /// <summary>Whether directories below are listed too.</summary>
    public bool IsRecursive { get; set; }

    /// <summary>Reads the store.</summary>
    protected OpenTrees Trees => trees;

    /// <summary>Lists a directory, and those below it where that is wanted, each after the one that it is in.</summary>
    /// <param name="directory">The directory, with the table of hard-linked inodes.</param>
    /// <param name="path">Its path from the root, empty for the root.</param>
    /// <param name="withHeading">Whether to say which directory it is.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    public async Task ListAsync(Dirent directory, byte[] path, bool withHeading, CancellationToken cancellationToken)
    {
        // Depth first, in order: what is left of each open directory is a stack of its subdirectories' paths.
        var open = new Stack<(byte[] Path, Dirent Directory)>();
        open.Push((path, directory));
        while (open.TryPop(out var next))
        {
            BeginDirectory(next.Path, withHeading);
            var below = new List<(byte[], Dirent)>();
            await foreach (var name in Trees.Directories.EnumerateAsync(next.Directory.Content, cancellationToken: cancellationToken))
            {
                var entry = await TreePath.FollowAsync(Trees.Directories, directory, name, cancellationToken);
                var full = Combine(next.Path, entry.Name.Span);
                await EntryAsync(entry, full, cancellationToken);
                if (IsRecursive && entry.Kind == DirentKind.Directory)
                    below.Add((full, entry));
            }

            EndDirectory();
            for (var i = below.Count - 1; i >= 0; i--)
                open.Push(below[i]);
        }
    }

    /// <summary>Shows one entry that was named itself.</summary>
    public async Task ShowAsync(Dirent entry, byte[] path, CancellationToken cancellationToken) => await EntryAsync(entry, path, cancellationToken);

    /// <summary>Prints what is held back.</summary>
    public virtual void Finish()
    {
    }

    /// <summary>Prints one entry.</summary>
    /// <param name="entry">The entry, of a hard link the inode under the name.</param>
    /// <param name="path">Its path from the root.</param>
    /// <param name="cancellationToken">Stops.</param>
    protected abstract ValueTask EntryAsync(Dirent entry, byte[] path, CancellationToken cancellationToken);

    /// <summary>A directory's entries follow.</summary>
    protected virtual void BeginDirectory(byte[] path, bool withHeading)
    {
    }

    /// <summary>A directory's entries end.</summary>
    protected virtual void EndDirectory()
    {
    }

    static byte[] Combine(byte[] path, ReadOnlySpan<byte> name)
    {
        if (path.Length == 0)
            return name.ToArray();
        var full = new byte[path.Length + 1 + name.Length];
        path.CopyTo(full, 0);
        full[path.Length] = (byte)'/';
        name.CopyTo(full.AsSpan(path.Length + 1));
        return full;
    }
}
