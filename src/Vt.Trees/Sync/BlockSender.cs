using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Trees.Sync;

/// <summary>Sends blocks in batches, several at a time.</summary>
/// <param name="source">Has them.</param>
/// <param name="target">Gets them.</param>
/// <param name="options">How many at a time, and how fast.</param>
sealed class BlockSender(IBlockStore source, IBlockStore target, TransferOptions options)
{
    const int BytesAtOnce = 4 << 20;

    readonly List<Task> _underWay = [];

    /// <summary>Begins to send blocks, once there is room among those under way.</summary>
    public async Task BeginAsync(BlockHash[] hashes, CancellationToken cancellationToken)
    {
        while (_underWay.Count >= options.Parallel)
            await WhenOneIsSentAsync();
        _underWay.Add(Task.Run(() => FetchAndSendAsync(hashes, cancellationToken), cancellationToken));
    }

    /// <summary>Waits until all that was begun is sent.</summary>
    public async Task WhenAllSentAsync()
    {
        while (_underWay.Count > 0)
            await WhenOneIsSentAsync();
    }

    /// <summary>Waits until nothing is under way any more, whatever became of it.</summary>
    public Task EndAsync() => Task.WhenAll(_underWay).ContinueWith(static _ => { }, TaskScheduler.Default);

    /// <summary>Sends tree blocks in their order.</summary>
    public async Task SendAsync(IReadOnlyList<(BlockHash Hash, byte[] Bytes, BlockContent Content)> blocks, CancellationToken cancellationToken)
    {
        for (var start = 0; start < blocks.Count;)
        {
            var (end, length) = (start, 0);
            while (end < blocks.Count && (end == start || length + blocks[end].Bytes.Length <= BytesAtOnce))
                length += blocks[end++].Bytes.Length;
            var buffer = new byte[length];
            var slots = new BlockSlot[end - start];
            for (int i = start, at = 0; i < end; at += blocks[i++].Bytes.Length)
            {
                blocks[i].Bytes.CopyTo(buffer, at);
                slots[i - start] = new BlockSlot(blocks[i].Hash, at, blocks[i].Bytes.Length, blocks[i].Content);
            }

            await AddAsync(buffer, slots, cancellationToken);
            start = end;
        }
    }

    async Task WhenOneIsSentAsync()
    {
        var sent = await Task.WhenAny(_underWay);
        _underWay.Remove(sent);
        await sent;
    }

    async Task FetchAndSendAsync(BlockHash[] hashes, CancellationToken cancellationToken)
    {
        var leases = new BlockLease[hashes.Length];
        await source.GetManyAsync(hashes, leases, cancellationToken);
        try
        {
            var length = 0;
            for (var i = 0; i < hashes.Length; i++)
                length += leases[i].IsPresent ? leases[i].Memory.Length : throw new BlockMissingException(hashes[i], source.Description);
            var buffer = new byte[length];
            var slots = new BlockSlot[hashes.Length];
            for (int i = 0, at = 0; i < hashes.Length; at += leases[i++].Memory.Length)
            {
                leases[i].Memory.CopyTo(buffer.AsMemory(at));
                slots[i] = new BlockSlot(hashes[i], at, leases[i].Memory.Length);
            }

            await AddAsync(buffer, slots, cancellationToken);
        }
        finally
        {
            foreach (var lease in leases)
                lease.Dispose();
        }
    }

    async Task AddAsync(byte[] buffer, BlockSlot[] slots, CancellationToken cancellationToken)
    {
        await options.Rate.WaitAsync(buffer.Length, cancellationToken);
        await target.AddManyAsync(buffer, slots, cancellationToken);
        options.Counters.CountSent(slots, buffer.Length);
    }
}
