namespace Vt.Trees.Sync;

/// <summary>How far a transfer is. Thread-safe.</summary>
public sealed class TransferCounters
{
    long _asked;
    long _sentBlocks;
    long _sentBytes;
    long _found;

    /// <summary>Blocks that the other store was asked about.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>Blocks that it has not got, as far as they are known.</summary>
    public long Found => Interlocked.Read(ref _found);

    /// <summary>Blocks that it has been sent.</summary>
    public long SentBlocks => Interlocked.Read(ref _sentBlocks);

    /// <summary>Their bytes.</summary>
    public long SentBytes => Interlocked.Read(ref _sentBytes);

    internal void CountAsked(int blocks) => Interlocked.Add(ref _asked, blocks);

    internal void CountFound(int blocks) => Interlocked.Add(ref _found, blocks);

    internal void CountSent(int blocks, long bytes)
    {
        Interlocked.Add(ref _sentBlocks, blocks);
        Interlocked.Add(ref _sentBytes, bytes);
    }
}
