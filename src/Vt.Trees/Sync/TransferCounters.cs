using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Sync;

/// <summary>How far a transfer is. Thread-safe.</summary>
public sealed class TransferCounters
{
    const int SampleSize = 1024;

    // Guards the sample.
    readonly Lock _gate = new();
    readonly List<BlockHash> _sample = [];
    long _asked;
    long _skipped;
    long _sentBlocks;
    long _sentBytes;
    long _found;
    long _expected;

    /// <summary>Blocks that the other store was asked about.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>Those of them that it has; what is below them was not looked at, where the store promises to have that too.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>Blocks that it has not got, as far as they are known.</summary>
    public long Found => Interlocked.Read(ref _found);

    /// <summary>Blocks that it has been sent.</summary>
    public long SentBlocks => Interlocked.Read(ref _sentBlocks);

    /// <summary>Their bytes.</summary>
    public long SentBytes => Interlocked.Read(ref _sentBytes);

    /// <summary>
    /// About how many bytes will have been sent at the end: those of the blocks that are known to be missing, and all that not yet looked into stands for. It falls as that
    /// turns out to be there.
    /// </summary>
    public long ExpectedBytes => Interlocked.Read(ref _expected);

    /// <summary>A thousand of the blocks that were sent, any of them alike; or all, where they are fewer.</summary>
    public IReadOnlyList<BlockHash> Sample
    {
        get
        {
            lock (_gate)
                return [.. _sample];
        }
    }

    internal void CountAsked(int blocks, int present)
    {
        Interlocked.Add(ref _asked, blocks);
        Interlocked.Add(ref _skipped, present);
    }

    internal void CountFound(int blocks) => Interlocked.Add(ref _found, blocks);

    internal void Expect(long bytes) => Interlocked.Add(ref _expected, bytes);

    internal void CountSent(ReadOnlySpan<BlockSlot> blocks, long bytes)
    {
        Interlocked.Add(ref _sentBytes, bytes);
        lock (_gate)
        {
            foreach (ref readonly var block in blocks)
            {
                // Names are as good as random numbers.
                var place = block.Hash.Prefix % (ulong)++_sentBlocks;
                if (_sample.Count < SampleSize)
                    _sample.Add(block.Hash);
                else if (place < SampleSize)
                    _sample[(int)place] = block.Hash;
            }
        }
    }
}
