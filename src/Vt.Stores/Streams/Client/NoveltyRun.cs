using Vt.Blocks.Contracts;

namespace Vt.Stores.Streams.Client;

/// <summary>
/// Tells from what was added last whether it is worth asking about what comes next: over a long line a question takes as long as the answer to an add, and
/// in the midst of something new all questions have one answer. What that costs where it ends is what is under way then. Thread-safe.
/// </summary>
/// <param name="enough">So many new bytes in a row are a reason not to ask.</param>
sealed class NoveltyRun(long enough)
{
    // A block that comes twice in one stream is no sign of its end.
    const int KnownShare = 16;

    long _run;

    /// <summary>Whether what comes next is likely to be new as well.</summary>
    public bool IsOn => Interlocked.Read(ref _run) >= enough;

    /// <summary>Takes in what came of an add.</summary>
    public void Note(AddCounts counts)
    {
        if (counts.KnownBytes * KnownShare > counts.NewBytes)
            Interlocked.Exchange(ref _run, 0);
        else
            Interlocked.Add(ref _run, counts.NewBytes);
    }
}
