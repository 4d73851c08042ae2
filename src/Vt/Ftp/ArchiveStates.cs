using Vt.Blocks.Contracts;
using Vt.Operations;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Ftp;

/// <summary>States that are lines of an archive. Several sessions at a time may add to one: each merges what the others have added since it looked.</summary>
/// <param name="title">What the archive is called.</param>
/// <param name="archive">The archive, which may be yet to be made.</param>
/// <param name="directories">Reads the store.</param>
sealed class ArchiveStates(string title, ArchiveFile archive, DirectoryReader directories) : StateKeeper
{
    const string Label = "other";

    readonly bool _isNew = !archive.Exists;

    /// <inheritdoc/>
    public override string Title => title;

    /// <inheritdoc/>
    public override string? Greeting => _isNew ? $"{title} is not there yet, and is made when something in it is stored" : null;

    /// <inheritdoc/>
    public override async Task<MergeOutcome> KeepAsync(Dirent root, Dirent before, CancellationToken cancellationToken)
    {
        using var held = ArchiveWriting.Hold(archive.Path);
        return await KeepHeldAsync(archive, directories, root, before, cancellationToken);
    }

    /// <summary>Appends a tree, merged with what others have appended. The caller sees to it that nobody mounts the archive.</summary>
    public static async Task<MergeOutcome> KeepHeldAsync(ArchiveFile archive, DirectoryReader directories, Dirent root, Dirent before, CancellationToken cancellationToken)
    {
        var refs = directories.Store as IRefStore;
        if (refs is not null && !archive.IsUnfinished)
            await archive.RestoreAsync(refs, cancellationToken);
        while (true)
        {
            var last = archive.IsUnfinished ? null : archive.ReadLast()?.Root;
            var outcome = last is null || last.Equals(before) || last.Equals(root)
                ? new MergeOutcome(root, [])
                : await new TreeMerger(directories, Label).MergeAsync(before, root, last, cancellationToken);
            await directories.Store.FlushAsync(cancellationToken);
            if ((await archive.TryAppendAsync(outcome.Root, last, refs, cancellationToken)).IsExpected)
                return outcome;
        }
    }
}
