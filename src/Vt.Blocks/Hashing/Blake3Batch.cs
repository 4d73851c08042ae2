using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Vt.Blocks.Chunking;

namespace Vt.Blocks.Hashing;

/// <summary>
/// Hashes many chunks together, so that all lanes are busy whatever the chunks' sizes: whole leaves of all chunks fill groups
/// of lanes, last leaves (which differ in length) fill their own, then the parents of all trees go level by level.
/// </summary>
/// <remarks>
/// Pairing neighbours and carrying an odd last node up unchanged gives BLAKE3's tree (left subtree: the largest power of two).
/// Works in one pooled buffer: copies of last leaves, the level being read, the level being written, and the lists.
/// </remarks>
ref struct Blake3Batch
{
    /// <summary>As many leaves as one batch takes; a longer chunk is hashed as a stream of subtrees.</summary>
    public const int MaxLeaves = 1024;

    const int TailBytes = Blake3Lanes.Capacity * Blake3Constants.LeafLength;
    const int LevelBytes = MaxLeaves * Blake3Constants.ValueLength;
    const int ListBytes = MaxLeaves * sizeof(int);
    const int Buckets = Blake3Constants.LeafLength / Blake3Constants.BlockLength;

    readonly Blake3Mode _mode;
    readonly byte[] _scratch;
    readonly Span<byte> _tails;
    readonly Span<int> _counts;
    readonly Span<int> _alive;
    readonly Span<int> _starts;
    readonly Span<int> _links;
    Span<byte> _level;
    Span<byte> _upper;
    Blake3Lanes _lanes;

    Blake3Batch(in Blake3Mode mode)
    {
        _mode = mode;
        _scratch = ArrayPool<byte>.Shared.Rent(TailBytes + (2 * LevelBytes) + (4 * ListBytes));
        var rest = _scratch.AsSpan();
        _tails = Take(ref rest, TailBytes);
        _level = Take(ref rest, LevelBytes);
        _upper = Take(ref rest, LevelBytes);
        _counts = MemoryMarshal.Cast<byte, int>(Take(ref rest, ListBytes));
        _alive = MemoryMarshal.Cast<byte, int>(Take(ref rest, ListBytes));
        _starts = MemoryMarshal.Cast<byte, int>(Take(ref rest, ListBytes));
        _links = MemoryMarshal.Cast<byte, int>(Take(ref rest, ListBytes));
    }

    /// <summary>Names many chunks of a buffer.</summary>
    public static void HashMany(
        in Blake3Mode mode, ReadOnlySpan<byte> buffer, ReadOnlySpan<Chunk> chunks, Span<BlockHash> hashes)
    {
        var batch = new Blake3Batch(in mode);
        var first = 0;
        while (first < chunks.Length)
        {
            var end = first;
            for (var leaves = 0; end < chunks.Length; end++)
            {
                leaves += LeavesOf(chunks[end].Length);
                if (leaves > MaxLeaves)
                    break;
            }

            if (end > first)
                batch.HashGroup(buffer, chunks[first..end], hashes[first..end]);
            else
                hashes[end] = HashLong(in mode, buffer.Slice(chunks[end].Offset, chunks[end++].Length));
            first = end;
        }

        batch.Return();
    }

    /// <summary>The chaining values of the two children of the node over some data.</summary>
    /// <param name="mode">The function.</param>
    /// <param name="data">More than one leaf, at most <see cref="MaxLeaves"/>.</param>
    /// <param name="firstLeaf">The number of the first leaf.</param>
    /// <param name="children">Receives 64 bytes.</param>
    public static void Children(in Blake3Mode mode, ReadOnlySpan<byte> data, ulong firstLeaf, Span<byte> children)
    {
        var batch = new Blake3Batch(in mode);
        var chunk = new Chunk(0, data.Length);
        batch.CompressLeaves(data, new ReadOnlySpan<Chunk>(in chunk), firstLeaf);
        while (batch._counts[0] > 2)
            batch.CompressLevel(1, childrenOnly: true);
        batch._level[..children.Length].CopyTo(children);
        batch.Return();
    }

    static int LeavesOf(int length) => Math.Max(1, (length + Blake3Constants.LeafLength - 1) / Blake3Constants.LeafLength);

    static Span<byte> Take(scoped ref Span<byte> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    static BlockHash HashLong(in Blake3Mode mode, ReadOnlySpan<byte> data)
    {
        using var stream = new Blake3Streaming(in mode);
        stream.Append(data);
        return stream.Current();
    }

    readonly void Return() => ArrayPool<byte>.Shared.Return(_scratch);

    void HashGroup(ReadOnlySpan<byte> buffer, ReadOnlySpan<Chunk> chunks, Span<BlockHash> hashes)
    {
        CompressLeaves(buffer, chunks, 0);
        var alive = TakeRoots(chunks.Length, hashes);
        while (alive > 0)
        {
            CompressLevel(alive, childrenOnly: false);
            alive = TakeRoots(alive, hashes);
        }
    }

    /// <summary>Names the chunks whose trees have one node left and drops them from the list.</summary>
    readonly int TakeRoots(int alive, Span<BlockHash> hashes)
    {
        var kept = 0;
        foreach (var chunk in _alive[..alive])
        {
            if (_counts[chunk] > 1)
                _alive[kept++] = chunk;
            else
                hashes[chunk] = new BlockHash(HashAlgorithmId.Blake3, NodeAt(_level, _starts[chunk]));
        }

        return kept;
    }

    /// <summary>Turns all leaves of the chunks into the lowest level.</summary>
    void CompressLeaves(scoped ReadOnlySpan<byte> buffer, scoped ReadOnlySpan<Chunk> chunks, ulong firstLeaf)
    {
        Span<int> buckets = stackalloc int[Buckets];
        buckets.Fill(-1);
        var slot = 0;
        _lanes.Clear();
        for (var i = 0; i < chunks.Length; i++)
        {
            var (offset, length) = chunks[i];
            var leaves = LeavesOf(length);
            _alive[i] = i;
            _counts[i] = leaves;
            _starts[i] = slot;
            var whole = leaves == 1 ? 0 : length / Blake3Constants.LeafLength;
            for (var leaf = 0; leaf < whole; leaf++)
            {
                _lanes.Add(
                    offset + (leaf * Blake3Constants.LeafLength), Blake3Constants.LeafLength, firstLeaf + (uint)leaf,
                    Blake3Constants.ChunkEnd, (slot + leaf) * Blake3Constants.ValueLength);
                if (_lanes.Count == _mode.Widest)
                    Flush(ref _lanes, buffer, _mode.Flags, Blake3Constants.ChunkStart, _level);
            }

            slot += leaves;
            if (whole < leaves)
            {
                var bucket = Math.Max(0, length - (whole * Blake3Constants.LeafLength) - 1) / Blake3Constants.BlockLength;
                _links[i] = buckets[bucket];
                buckets[bucket] = i;
            }
        }

        CompressTails(buffer, chunks, buckets, firstLeaf);
    }

    /// <summary>
    /// Compresses the whole leaves that did not fill the last group, and then every chunk's last leaf, long ones first so that
    /// the lanes of a group end nearly together.
    /// </summary>
    void CompressTails(scoped ReadOnlySpan<byte> buffer, scoped ReadOnlySpan<Chunk> chunks, scoped ReadOnlySpan<int> buckets, ulong firstLeaf)
    {
        var tails = default(Blake3Lanes);
        for (var lane = 0; lane < _lanes.Count; lane++)
        {
            AddTail(
                ref tails, buffer.Slice((int)_lanes.Offset[lane], Blake3Constants.LeafLength), _lanes.CounterOf(lane),
                Blake3Constants.ChunkEnd, (int)_lanes.Target[lane]);
        }

        for (var bucket = Buckets - 1; bucket >= 0; bucket--)
        {
            for (var i = buckets[bucket]; i >= 0; i = _links[i])
            {
                var leaf = _counts[i] - 1;
                var start = leaf * Blake3Constants.LeafLength;
                AddTail(
                    ref tails, buffer.Slice(chunks[i].Offset + start, chunks[i].Length - start), firstLeaf + (uint)leaf,
                    leaf == 0 ? Blake3Constants.ChunkEnd | Blake3Constants.Root : Blake3Constants.ChunkEnd,
                    (_starts[i] + leaf) * Blake3Constants.ValueLength);
            }
        }

        Flush(ref tails, _tails, _mode.Flags, Blake3Constants.ChunkStart, _level);
    }

    readonly void AddTail(ref Blake3Lanes tails, ReadOnlySpan<byte> data, ulong counter, uint endFlags, int target)
    {
        var copy = _tails.Slice(tails.Count * Blake3Constants.LeafLength, Blake3Constants.LeafLength);
        data.CopyTo(copy);
        var end = (data.Length + Blake3Constants.BlockLength - 1) & ~(Blake3Constants.BlockLength - 1);
        copy[data.Length..Math.Max(end, Blake3Constants.BlockLength)].Clear();
        tails.Add(tails.Count * Blake3Constants.LeafLength, data.Length, counter, endFlags, target);
        if (tails.Count == _mode.Widest)
            Flush(ref tails, _tails, _mode.Flags, Blake3Constants.ChunkStart, _level);
    }

    /// <summary>Turns the level of every tree that is in the list into the one above it.</summary>
    /// <param name="alive">How many are in the list; each has two nodes or more.</param>
    /// <param name="childrenOnly">Whether the node above the last two is not wanted as a root.</param>
    void CompressLevel(int alive, bool childrenOnly)
    {
        var flags = _mode.Flags | Blake3Constants.Parent;
        var slot = 0;
        _lanes.Clear();
        foreach (var chunk in _alive[..alive])
        {
            var start = _starts[chunk];
            var count = _counts[chunk];
            var endFlags = count == 2 && !childrenOnly ? Blake3Constants.Root : 0;
            _starts[chunk] = slot;
            _counts[chunk] = (count + 1) / 2;
            for (var pair = 0; pair + 1 < count; pair += 2)
            {
                _lanes.Add(
                    (start + pair) * Blake3Constants.ValueLength, Blake3Constants.BlockLength, 0, endFlags,
                    slot++ * Blake3Constants.ValueLength);
                if (_lanes.Count == _mode.Widest)
                    Flush(ref _lanes, _level, flags, 0, _upper);
            }

            if (count % 2 == 1)
                NodeAt(_level, start + count - 1).CopyTo(NodeAt(_upper, slot++));
        }

        Flush(ref _lanes, _level, flags, 0, _upper);
        var read = _level;
        _level = _upper;
        _upper = read;
    }

    static Span<byte> NodeAt(Span<byte> level, int slot) =>
        level.Slice(slot * Blake3Constants.ValueLength, Blake3Constants.ValueLength);

    /// <summary>Compresses the lanes that were gathered, with the narrowest kernel that holds them.</summary>
    readonly void Flush(ref Blake3Lanes lanes, ReadOnlySpan<byte> input, uint flags, uint startFlags, Span<byte> output)
    {
        var count = lanes.Count;
        if (count == 0)
            return;
        ref var first = ref MemoryMarshal.GetReference(input);
        ref var target = ref MemoryMarshal.GetReference(output);
        ref readonly var key = ref _mode.Key;
        if (count == 1)
            CompressOne(in lanes, input, flags, output);
        else if (count <= 4)
            Blake3Kernel.Compress<Vector128<uint>, Blake3Vector4>(ref first, ref lanes, in key, flags, startFlags, ref target);
        else if (count <= 8)
            Blake3Kernel.Compress<Vector256<uint>, Blake3Vector8>(ref first, ref lanes, in key, flags, startFlags, ref target);
        else
            Blake3WideKernel.Compress(ref first, ref lanes, in key, flags, startFlags, ref target);
        lanes.Clear();
    }

    readonly void CompressOne(in Blake3Lanes lanes, ReadOnlySpan<byte> input, uint flags, Span<byte> output)
    {
        var data = input.Slice((int)lanes.Offset[0], lanes.LengthOf(0));
        var node = (flags & Blake3Constants.Parent) != 0
            ? Blake3Node.OfParent(in _mode.Key, data, flags)
            : Blake3Node.OfLeaf(in _mode.Key, data, lanes.CounterOf(0), flags);
        node.Value(lanes.EndFlagsOf(0), output.Slice((int)lanes.Target[0], Blake3Constants.ValueLength));
    }
}
