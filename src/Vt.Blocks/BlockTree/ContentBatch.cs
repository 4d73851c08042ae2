using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Takes many small contents whole and stores them together: hashed many at a time, which is what makes hashing of small blocks
/// fast, and added in one go. Each gets the reference that a <see cref="BlockTreeWriter"/> would give. Not thread safe.
/// </summary>
/// <remarks>
/// Fill <see cref="Free"/> and <see cref="Add"/> until a content does not fit, then <see cref="StoreAsync"/>, take the
/// <see cref="References"/>, and <see cref="Clear"/>. Memory: the capacity, and about 250 bytes a chunk.
/// </remarks>
public sealed class ContentBatch : IDisposable
{
    readonly BlockHasher _hasher;
    readonly LeafBatch _batch;
    readonly List<int> _ends = [];
    readonly List<BlockRef> _references = [];
    readonly List<long> _holeSpans = [];

    /// <summary>Starts empty.</summary>
    /// <param name="hasher">The hash of the store that <see cref="StoreAsync"/> will get.</param>
    /// <param name="capacity">How many bytes of content fit.</param>
    public ContentBatch(BlockHasher hasher, int capacity = 2 << 20)
    {
        _hasher = hasher;
        _batch = new LeafBatch(capacity);
    }

    /// <summary>How many contents there are.</summary>
    public int Count => _ends.Count;

    /// <summary>Room for the next content; valid until it is added.</summary>
    public Memory<byte> Free => _batch.Memory[_batch.Filled..];

    /// <summary>The references, in the order of the adding; complete once <see cref="StoreAsync"/> has completed.</summary>
    public IReadOnlyList<BlockRef> References => _references;

    /// <summary>How many bytes of each content lie in holes, in the same order.</summary>
    public IReadOnlyList<long> HoleSpans => _holeSpans;

    /// <summary>Takes the first <paramref name="length"/> bytes of <see cref="Free"/> as one content.</summary>
    /// <param name="length">Any number from 0 to what is free.</param>
    /// <param name="rule">How it is cut.</param>
    public void Add(int length, IChunkCutter rule)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Free.Length);
        var cutter = new LeafCutter(rule, _batch);
        cutter.Advance(length);
        cutter.Finish();
        _batch.HashInCache(_hasher);
        _ends.Add(_batch.LeafCount);
    }

    /// <summary>Stores all blocks of the contents that were added since the last time, and makes their references.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="cancellationToken">Gives up; blocks that were stored until then stay.</param>
    public async ValueTask<AddCounts> StoreAsync(IBlockStore store, CancellationToken cancellationToken = default)
    {
        _batch.Hash(_hasher);
        var counts = await _batch.StoreAsync(store, cancellationToken);
        using var assembler = new NodeAssembler(store.Hasher);
        while (_references.Count < _ends.Count)
        {
            _batch.PassOn(assembler, _ends[_references.Count]);
            _holeSpans.Add(assembler.HoleSpan);
            _references.Add(assembler.Complete());
        }

        return counts + await assembler.StoreBlocksAsync(store, cancellationToken);
    }

    /// <summary>Forgets all contents and references; the memory stays.</summary>
    public void Clear()
    {
        _batch.Clear();
        _ends.Clear();
        _references.Clear();
        _holeSpans.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();
}
