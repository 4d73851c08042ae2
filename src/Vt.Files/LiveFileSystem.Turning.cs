using Vt.Files.Journal;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <content>Becoming another stored tree at once.</content>
public sealed partial class LiveFileSystem
{
    /// <summary>Whether a stored tree is there, as far as its root shows: a store that is complete has all below what it has.</summary>
    internal async ValueTask<bool> IsStoredAsync(Dirent root, CancellationToken cancellationToken) =>
        await IsThereAsync(root.Content, cancellationToken) && await IsThereAsync(root.Inodes, cancellationToken);

    /// <summary>Becomes another tree. Nobody else does anything meanwhile.</summary>
    /// <param name="root">Its root.</param>
    /// <param name="keep">Makes that durable, with the first epoch and the rules that go with it.</param>
    /// <param name="cancellationToken">Gives up before that.</param>
    /// <returns>What whoever remembers the tree has to forget.</returns>
    internal ValueTask<List<TreeNotice>> TurnAsync(Dirent root, Func<uint, LocalState, ValueTask> keep, CancellationToken cancellationToken) =>
        _checkpointer.TurnAsync(root, keep, cancellationToken);

    /// <summary>Has the state folder renamed.</summary>
    /// <param name="folder">What it is called then.</param>
    /// <param name="rename">Renames it.</param>
    internal async ValueTask RelocateAsync(string folder, Action rename)
    {
        await _log.RelocateAsync(folder, rename);
        _flat.NoteFolder(Path.Combine(folder, FlatFolderName));
        _space.StateFolder = folder;
    }

    /// <summary>Tells whoever reads the messages of this file system.</summary>
    public void Say(string message) => _options.Log?.Invoke(message);

    /// <summary>Does nothing more: what the log stands on is not known any more. Whatever is durable stays so.</summary>
    internal void Break(IOException cause) => _log.Break(cause);
}
