using Vt.Blocks.Contracts;
using Vt.References;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Ftp;

/// <summary>
/// The tree that a session works on: a stored one, whose changes wait for a sync, or a live mount, where everything is done at once. Each operation is done whole or, but for
/// copies of trees from and to ordinary folders, not at all. Paths are as <see cref="FtpPath"/> has them.
/// </summary>
abstract class FtpTree : IAsyncDisposable
{
    /// <summary>What the tree is called, in the prompt.</summary>
    public abstract string Title { get; }

    /// <summary>What people should know at the start, a sentence; null for nothing.</summary>
    public virtual string? Greeting => null;

    /// <summary>The folder that the session begins in.</summary>
    public byte[] Home { get; init; } = [];

    /// <summary>The store that the tree is in.</summary>
    public abstract OpenTrees Trees { get; }

    /// <summary>The same, without the trees.</summary>
    public IBlockStore Store => Trees.Store;

    /// <summary>Whether something was changed that is not stored as a state yet.</summary>
    public abstract bool HasChanges { get; }

    /// <summary>Whether states of the tree are kept anywhere, so that what the session ends with can be found again.</summary>
    public virtual bool IsKept => true;

    /// <summary>Finds an entry, of a hard link the inode; null where there is none. Symbolic links are not followed.</summary>
    public abstract ValueTask<Dirent?> FindAsync(byte[] path, CancellationToken cancellationToken);

    /// <summary>Lists a folder in the order of the names; nothing of what is no folder.</summary>
    public abstract IAsyncEnumerable<Dirent> ListAsync(byte[] path, CancellationToken cancellationToken);

    /// <summary>A symbolic link's target.</summary>
    public abstract ValueTask<byte[]> TargetOfAsync(byte[] path, Dirent link, CancellationToken cancellationToken);

    /// <summary>Writes a file's content to the output.</summary>
    public abstract Task CatAsync(byte[] path, Dirent entry, CancellationToken cancellationToken);

    /// <summary>Shows all that is known of an entry.</summary>
    public abstract Task InspectAsync(byte[] path, Dirent entry, CancellationToken cancellationToken);

    /// <summary>Copies an entry to the disk.</summary>
    /// <param name="path">The entry's path.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="local">Where to, an absolute path.</param>
    /// <param name="overwrite">Whether what is there is replaced.</param>
    /// <param name="cancellationToken">Stops; no file is left half under its own name.</param>
    /// <returns>Whether all of it is there as it was.</returns>
    public abstract Task<bool> GetAsync(byte[] path, Dirent entry, byte[] local, bool overwrite, CancellationToken cancellationToken);

    /// <summary>Copies a file or tree from the disk, in place of a file that is there; a folder that is there is merged into.</summary>
    /// <returns>Whether all of it is there as it was.</returns>
    public abstract Task<bool> PutAsync(byte[] local, byte[] path, CancellationToken cancellationToken);

    /// <summary>Makes folders.</summary>
    /// <param name="paths">Which.</param>
    /// <param name="withParents">Whether those above are made too, and one that is there is no fault.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public abstract Task MakeDirectoriesAsync(IReadOnlyList<byte[]> paths, bool withParents, CancellationToken cancellationToken);

    /// <summary>Removes entries with all below them.</summary>
    public abstract Task RemoveAsync(IReadOnlyList<byte[]> paths, CancellationToken cancellationToken);

    /// <summary>Gives entries other names. Files that are there are replaced.</summary>
    public abstract Task MoveAsync(IReadOnlyList<(byte[] From, byte[] To)> moves, CancellationToken cancellationToken);

    /// <summary>Copies entries within the tree; their content is shared.</summary>
    public abstract Task CopyAsync(IReadOnlyList<(byte[] From, byte[] To)> copies, CancellationToken cancellationToken);

    /// <summary>Gives an inode one more name.</summary>
    public abstract Task LinkAsync(byte[] path, byte[] added, CancellationToken cancellationToken);

    /// <summary>Makes a symbolic link.</summary>
    public abstract Task SymlinkAsync(byte[] target, byte[] path, CancellationToken cancellationToken);

    /// <summary>Gives entries other permissions.</summary>
    public abstract Task ChangeModeAsync(IReadOnlyList<byte[]> paths, uint mode, CancellationToken cancellationToken);

    /// <summary>Puts an entry of any tree of the store under a name.</summary>
    /// <param name="path">The name, which must not be there.</param>
    /// <param name="entry">The entry, with the inode table of its tree.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public abstract Task BindAsync(byte[] path, Dirent entry, CancellationToken cancellationToken);

    /// <summary>An entry as the store has it, with the inode table of its tree; the whole tree for the empty path.</summary>
    public abstract ValueTask<Dirent> StoredAsync(byte[] path, CancellationToken cancellationToken);

    /// <summary>Merges another tree into this one.</summary>
    /// <param name="before">What both come from.</param>
    /// <param name="theirs">The other tree.</param>
    /// <param name="label">What versions are called after that lie beside ours.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <returns>What could not be merged.</returns>
    public abstract Task<IReadOnlyList<MergeConflict>> MergeAsync(Dirent before, Dirent theirs, string label, CancellationToken cancellationToken);

    /// <summary>Stores what has changed, durably, as a new state.</summary>
    /// <returns>What was changed elsewhere meanwhile and could not be merged.</returns>
    public abstract Task<IReadOnlyList<MergeConflict>> SyncAsync(CancellationToken cancellationToken);

    /// <summary>The tree's text: a reference to what was stored last.</summary>
    public abstract ValueTask<string> ReciteAsync(CancellationToken cancellationToken);

    /// <summary>The tree that the session came from, or stored last; null where nobody can tell.</summary>
    public virtual Dirent? Before => null;

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
