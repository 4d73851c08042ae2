using System.Threading.Channels;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Check;

/// <summary>
/// Checks blocks of content, each once, on all processors: one thread finds them and offers them in the order of the content, which is mostly the
/// order in which a store has them; the others read them in batches.
/// </summary>
/// <remarks>Memory: one batch for each worker, one waiting for each, one being filled; at most <see cref="BatchBytes"/> of blocks a batch.</remarks>
/// <param name="store">Where the blocks are.</param>
/// <param name="readData">Whether blocks are read, and not only asked for.</param>
/// <param name="bad">Receives what is bad.</param>
/// <param name="counters">Counts what is good.</param>
sealed class ContentChecker(IBlockStore store, bool readData, BadBlocks bad, CheckCounters counters)
{
    /// <summary>How many bytes of blocks make a batch.</summary>
    public const int BatchBytes = 4 << 20;

    const int BatchBlocks = 128;

    static readonly int s_workers = Math.Clamp(Environment.ProcessorCount, 1, 16);

    readonly Channel<List<Wanted>> _batches = Channel.CreateBounded<List<Wanted>>(
        new BoundedChannelOptions(s_workers) { SingleWriter = true });
    List<Wanted> _batch = new(BatchBlocks);
    long _bytes;

    /// <summary>Checks all that is offered meanwhile.</summary>
    /// <param name="find">Offers blocks; the only one who does.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunAsync(Func<CancellationToken, Task> find, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new Task[s_workers + 1];
        for (var i = 0; i < s_workers; i++)
            tasks[i] = Task.Run(() => StopUnlessDoneAsync(WorkAsync, stop), CancellationToken.None);
        tasks[s_workers] = Task.Run(() => StopUnlessDoneAsync(token => FindAsync(find, token), stop), CancellationToken.None);

        // The first that failed, before any that were only cancelled in consequence.
        await Task.WhenAll(tasks);
    }

    /// <summary>Offers a block; waits while enough is waiting already.</summary>
    public ValueTask OfferAsync(BlockRef block, CheckPlace place, CancellationToken cancellationToken)
    {
        _batch.Add(new Wanted(block, place));
        _bytes += block.Span;
        return _batch.Count == BatchBlocks || _bytes >= BatchBytes ? SendAsync(cancellationToken) : default;
    }

    static async Task StopUnlessDoneAsync(Func<CancellationToken, Task> work, CancellationTokenSource stop)
    {
        var isDone = false;
        try
        {
            await work(stop.Token);
            isDone = true;
        }
        finally
        {
            if (!isDone)
                await stop.CancelAsync();
        }
    }

    async Task FindAsync(Func<CancellationToken, Task> find, CancellationToken cancellationToken)
    {
        try
        {
            await find(cancellationToken);
            await SendAsync(cancellationToken);
        }
        finally
        {
            _batches.Writer.Complete();
        }
    }

    ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0)
            return default;
        var full = _batch;
        _batch = new List<Wanted>(BatchBlocks);
        _bytes = 0;
        return _batches.Writer.WriteAsync(full, cancellationToken);
    }

    async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var batch in _batches.Reader.ReadAllAsync(cancellationToken))
        {
            var hashes = batch.ConvertAll(static wanted => wanted.Block.Hash).ToArray();
            if (!readData)
                await AskAsync(batch, hashes, cancellationToken);
            else if (!await TryReadAllAsync(batch, hashes, cancellationToken))
                await ReadEachAsync(batch, cancellationToken);
        }
    }

    async ValueTask AskAsync(List<Wanted> batch, BlockHash[] hashes, CancellationToken cancellationToken)
    {
        var present = new bool[hashes.Length];
        await store.ContainsManyAsync(hashes, present, cancellationToken);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (present[i])
                counters.CountBlock(batch[i].Block.Span);
            else
                Missing(batch[i]);
        }
    }

    // The usual case: all are there and good, read with one request.
    async ValueTask<bool> TryReadAllAsync(List<Wanted> batch, BlockHash[] hashes, CancellationToken cancellationToken)
    {
        var leases = new BlockLease[hashes.Length];
        try
        {
            await store.GetManyAsync(hashes, leases, cancellationToken);
        }
        catch (Exception e) when (CheckDamage.IsDamage(e))
        {
            return false;
        }

        for (var i = 0; i < leases.Length; i++)
        {
            Judge(batch[i], leases[i]);
            leases[i].Dispose();
        }

        return true;
    }

    async ValueTask ReadEachAsync(List<Wanted> batch, CancellationToken cancellationToken)
    {
        foreach (var wanted in batch)
        {
            try
            {
                using var lease = await store.GetAsync(wanted.Block.Hash, cancellationToken);
                Judge(wanted, lease);
            }
            catch (Exception e) when (CheckDamage.IsDamage(e))
            {
                Bad(wanted, e.Message);
            }
        }
    }

    void Judge(in Wanted wanted, in BlockLease lease)
    {
        if (!lease.IsPresent)
            Missing(wanted);
        else if (lease.Memory.Length != wanted.Block.Span)
            Bad(wanted, $"block {wanted.Block.Hash} has {lease.Memory.Length} bytes, not {wanted.Block.Span}");
        else
            counters.CountBlock(wanted.Block.Span);
    }

    void Missing(in Wanted wanted) => Bad(wanted, $"block {wanted.Block.Hash} is missing");

    void Bad(in Wanted wanted, string what) => bad.Add(wanted.Block.Hash, wanted.Block.Span, SeenAs.Content, wanted.Place, what);

    readonly record struct Wanted(BlockRef Block, CheckPlace Place);
}
