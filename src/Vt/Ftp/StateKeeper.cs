using Vt.Trees.Dirents;
using Vt.Trees.Merge;

namespace Vt.Ftp;

/// <summary>Where the states of a session's tree go.</summary>
abstract class StateKeeper
{
    /// <summary>What it is, in the prompt.</summary>
    public abstract string Title { get; }

    /// <summary>What people should know at the start; null for nothing.</summary>
    public virtual string? Greeting => null;

    /// <summary>Whether states are kept anywhere.</summary>
    public virtual bool IsKept => true;

    /// <summary>Keeps a tree, whose blocks were flushed. What others have kept meanwhile is merged.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="before">What it comes from.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <returns>The tree that is kept: with what others did; and what could not be merged.</returns>
    public abstract Task<MergeOutcome> KeepAsync(Dirent root, Dirent before, CancellationToken cancellationToken);
}
