using System.Buffers;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Adding;

/// <summary>What one batch needs, kept for the next: an encoder and arrays as long as the longest batch so far. Not thread-safe.</summary>
/// <param name="level">The zstd level.</param>
sealed class AddWorker(int level) : IDisposable
{
    BlockHash[] _hashes = [];
    BlockLocation[] _locations = [];
    BlockState[] _states = [];

    /// <summary>The encoder.</summary>
    public FrameEncoder Encoder { get; } = new(level);

    /// <summary>How many blocks the batch has.</summary>
    public int Count { get; private set; }

    /// <summary>Their names.</summary>
    public Span<BlockHash> Hashes => _hashes.AsSpan(0, Count);

    /// <summary>Where those lie that are known.</summary>
    public Span<BlockLocation> Locations => _locations.AsSpan(0, Count);

    /// <summary>Their names, for calls that wait.</summary>
    public ReadOnlyMemory<BlockHash> HashMemory => _hashes.AsMemory(0, Count);

    /// <summary>Their places, for calls that wait.</summary>
    public Memory<BlockLocation> LocationMemory => _locations.AsMemory(0, Count);

    /// <summary>What becomes of each.</summary>
    public Span<BlockState> States => _states.AsSpan(0, Count);

    /// <summary>What became of the batch so far.</summary>
    public AddCounts Counts { get; set; }

    /// <summary>Scratch for choosing a frame's blocks.</summary>
    public int[] Chosen { get; } = new int[Packs.FrameHeader.MostBlocks];

    /// <summary>Takes a batch.</summary>
    public void Begin(ReadOnlySpan<BlockSlot> slots)
    {
        if (slots.Length > _hashes.Length)
            Grow(slots.Length);
        Count = slots.Length;
        for (var i = 0; i < slots.Length; i++)
            _hashes[i] = slots[i].Hash;
        Locations.Clear();
        States.Clear();
        Counts = default;
        Encoder.Clear();
    }

    /// <summary>Encodes those blocks that the batch has claimed as frames, until the encoder is full or the batch ends.</summary>
    /// <param name="buffer">The batch's bytes.</param>
    /// <param name="slots">The batch's blocks.</param>
    /// <param name="content">Only blocks that are for this.</param>
    /// <param name="next">The first block to look at.</param>
    /// <returns>The first block that is not encoded.</returns>
    public int Encode(ReadOnlySpan<byte> buffer, ReadOnlySpan<BlockSlot> slots, BlockContent content, int next)
    {
        var chosen = Chosen.AsSpan();
        var count = 0;
        var size = 0;
        for (; next < slots.Length; next++)
        {
            if (States[next] != BlockState.Claimed || slots[next].Content != content)
                continue;
            if (count > 0 && (count == chosen.Length || size + slots[next].Length > Packs.FrameHeader.SharedSize))
            {
                Encoder.Add(buffer, slots, chosen[..count]);
                count = 0;
                size = 0;
                if (Encoder.IsFull)
                    return next;
            }

            chosen[count++] = next;
            size += slots[next].Length;
        }

        if (count > 0)
            Encoder.Add(buffer, slots, chosen[..count]);
        return next;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoder.Dispose();
        Return();
    }

    void Grow(int length)
    {
        Return();
        _hashes = ArrayPool<BlockHash>.Shared.Rent(length);
        _locations = ArrayPool<BlockLocation>.Shared.Rent(length);
        _states = ArrayPool<BlockState>.Shared.Rent(length);
    }

    void Return()
    {
        if (_hashes.Length == 0)
            return;
        ArrayPool<BlockHash>.Shared.Return(_hashes);
        ArrayPool<BlockLocation>.Shared.Return(_locations);
        ArrayPool<BlockState>.Shared.Return(_states);
        _hashes = [];
    }
}
