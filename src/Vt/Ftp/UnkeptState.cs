using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Ftp;

/// <summary>States of what nothing can be added to, a text or a commit: they are in the store, and their texts alone lead there.</summary>
/// <param name="title">What the session began with.</param>
/// <param name="isReadOnly">Whether the store is opened to be read, so that there are no changes either.</param>
sealed class UnkeptState(string title, bool isReadOnly) : StateKeeper
{
    /// <inheritdoc/>
    public override string Title => title;

    /// <inheritdoc/>
    public override string? Greeting => isReadOnly ? null : "nothing can be added to that: changes make another tree, and quit says its reference, which alone leads there";

    /// <inheritdoc/>
    public override bool IsKept => false;

    /// <inheritdoc/>
    public override Task<MergeOutcome> KeepAsync(Dirent root, Dirent before, CancellationToken cancellationToken) => Task.FromResult(new MergeOutcome(root, []));
}
