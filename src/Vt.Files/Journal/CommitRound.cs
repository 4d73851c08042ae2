namespace Vt.Files.Journal;

/// <summary>Commits that wait for one sync together. Who waits goes on in a thread of its own.</summary>
sealed class CommitRound() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>The last record that one of them waits for.</summary>
    public long LastSequence { get; set; }
}
