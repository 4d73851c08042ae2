using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Proxy;

/// <summary>One store's part in a <see cref="ReadRace"/>: a call that is under way or over.</summary>
sealed class Attempt : IDisposable
{
    readonly CancellationTokenSource _cancelled;
    readonly TimeProvider _time;
    readonly long _start;

    /// <summary>Asks a store.</summary>
    /// <param name="member">The store, which was entered.</param>
    /// <param name="number">Which candidate it is.</param>
    /// <param name="blocks">Which of the names are asked for.</param>
    /// <param name="hashes">All names.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Attempt(ProxyMember member, int number, int[] blocks, ReadOnlyMemory<BlockHash> hashes, TimeProvider time, CancellationToken cancellationToken)
    {
        Member = member;
        Number = number;
        Blocks = blocks;
        _time = time;
        _start = time.GetTimestamp();
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Result = RunAsync(hashes);
        member.IsQuick = Result.IsCompletedSuccessfully;
    }

    /// <summary>Goes on with a call for one block that was begun already, and can't be cancelled alone.</summary>
    public Attempt(ProxyMember member, int number, Task<BlockLease> begun, long start, TimeProvider time)
    {
        Member = member;
        Number = number;
        Blocks = [0];
        _time = time;
        _start = start;
        _cancelled = new CancellationTokenSource();
        Result = GoOnAsync(begun);
    }

    /// <summary>The store.</summary>
    public ProxyMember Member { get; }

    /// <summary>Which candidate it is.</summary>
    public int Number { get; }

    /// <summary>Which of the read's blocks it was asked for.</summary>
    public int[] Blocks { get; }

    /// <summary>Whether the next store was asked since this one took long.</summary>
    public bool IsHedged { get; set; }

    /// <summary>How long it took; of a call that is over.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>What it gives, in the order of <see cref="Blocks"/>.</summary>
    public Task<BlockLease[]> Result { get; }

    /// <inheritdoc/>
    public void Dispose() => _cancelled.Dispose();

    /// <summary>Does not wait for it: the call is cancelled, and what it gives all the same is disposed of.</summary>
    public void Abandon()
    {
        _ = AbandonAsync();
    }

    async Task AbandonAsync()
    {
        await _cancelled.CancelAsync();
        try
        {
            foreach (var lease in await Result)
                lease.Dispose();
            Member.Succeeded(Took);
        }
        catch (Exception fault) when (ProxyMember.IsOutage(fault))
        {
            Member.Failed(fault);
        }
        catch (Exception fault) when (fault is OperationCanceledException or BlockCorruptException or ObjectDisposedException)
        {
            Member.Abandoned();
        }
        finally
        {
            Dispose();
        }
    }

    async Task<BlockLease[]> RunAsync(ReadOnlyMemory<BlockHash> hashes)
    {
        var leases = new BlockLease[Blocks.Length];
        try
        {
            if (leases.Length == 1)
            {
                leases[0] = await Member.Store.GetAsync(hashes.Span[Blocks[0]], _cancelled.Token);
            }
            else
            {
                var wanted = new BlockHash[Blocks.Length];
                for (var i = 0; i < wanted.Length; i++)
                    wanted[i] = hashes.Span[Blocks[i]];
                await Member.Store.GetManyAsync(wanted, leases, _cancelled.Token);
            }
        }
        finally
        {
            Took = _time.GetElapsedTime(_start);
        }

        return leases;
    }

    async Task<BlockLease[]> GoOnAsync(Task<BlockLease> begun)
    {
        try
        {
            return [await begun];
        }
        finally
        {
            Took = _time.GetElapsedTime(_start);
        }
    }
}
