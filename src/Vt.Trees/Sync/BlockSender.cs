using System.Buffers;
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
            var (first, slots) = (start, new BlockSlot[end - start]);
            await AddAsync(length, buffer => Fill(buffer, blocks, first, slots), slots, cancellationToken);
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
            var slots = new BlockSlot[hashes.Length];
            await AddAsync(length, buffer => Fill(buffer, hashes, leases, slots), slots, cancellationToken);
        }
        finally
        {
            foreach (var lease in leases)
                lease.Dispose();
        }
    }

    static void Fill(byte[] buffer, IReadOnlyList<(BlockHash Hash, byte[] Bytes, BlockContent Content)> blocks, int first, BlockSlot[] slots)
    {
        for (int i = 0, at = 0; i < slots.Length; at += slots[i++].Length)
        {
            var (hash, bytes, content) = blocks[first + i];
            bytes.CopyTo(buffer, at);
            slots[i] = new BlockSlot(hash, at, bytes.Length, content);
        }
    }

    static void Fill(byte[] buffer, BlockHash[] hashes, BlockLease[] leases, BlockSlot[] slots)
    {
        for (int i = 0, at = 0; i < slots.Length; at += slots[i++].Length)
        {
            leases[i].Memory.CopyTo(buffer.AsMemory(at));
            slots[i] = new BlockSlot(hashes[i], at, leases[i].Memory.Length);
        }
    }

    async Task AddAsync(int length, Action<byte[]> fill, BlockSlot[] slots, CancellationToken cancellationToken)
    {
        await options.Rate.WaitAsync(length, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            fill(buffer);
            await target.AddManyAsync(buffer.AsMemory(0, length), slots, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        options.Counters.CountSent(slots, length);
    }
}
