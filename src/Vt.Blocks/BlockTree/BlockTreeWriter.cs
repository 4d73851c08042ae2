using System.Runtime.ExceptionServices;
using Vt.Blocks.Contracts;

namespace Vt.Blocks.BlockTree;

/// <summary>
/// Streams content of any length into a store and gives the reference to it. The reference depends on the content, the cut
/// rule and the hash algorithm only: not on the sizes of the writes, nor on the options. Not thread safe; it may be used for
/// one content after another.
/// </summary>
/// <remarks>
/// <para>Children are stored before parents. After a failure every call repeats it until the writer is disposed.</para>
/// <para>Bytes are copied once into a batch's buffer (not at all by who uses <see cref="GetMemory"/>) and hashed, compressed
/// and added from there; only the uncut tail of a batch, at most the longest chunk and 4 KiB, moves to the next.</para>
/// <para>Memory: (<see cref="BlockTreeWriterOptions.Workers"/> + 1, and while content is written what it has of
/// <see cref="BlockTreeWriterOptions.Shared"/>) × (<see cref="BlockTreeWriterOptions.BatchBytes"/> + the longest chunk +
/// 4 KiB), at most 384 KiB of nodes that wait to be stored, and one unfinished node a level.</para>
/// </remarks>
public sealed class BlockTreeWriter : IAsyncDisposable
{
    // Nodes are stored when this much has gathered.
    const int NodeBytes = 256 << 10;

    // Content of literals and runs alone fills no buffer, so its leaves are bounded as well.
    const int MostLeaves = 8192;

    readonly IBlockStore _store;
    readonly BlockTreeWriterOptions _options;
    readonly NodeAssembler _assembler;
    readonly LeafCutter _cutter;
    readonly int _capacity;
    readonly Queue<(LeafBatch Batch, Task<AddCounts> Added)> _underWay = new();
    readonly Stack<LeafBatch> _spare = new();
    ExceptionDispatchInfo? _failure;
    int _borrowed;

    /// <summary>Starts with empty content.</summary>
    /// <param name="store">Where blocks go.</param>
    /// <param name="rule">How content is cut.</param>
    /// <param name="options">How the work is done; null for the defaults.</param>
    public BlockTreeWriter(IBlockStore store, IChunkCutter rule, BlockTreeWriterOptions? options = null)
    {
        _store = store;
        _options = options ?? new BlockTreeWriterOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.BatchBytes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.Workers, nameof(options));
        _capacity = _options.BatchBytes + rule.Maximum + IChunkCutter.Lookahead;
        _assembler = new NodeAssembler(store.Hasher);
        _cutter = new LeafCutter(rule, new LeafBatch(_capacity));
    }

    /// <summary>What became of all blocks that this writer has added, over all contents.</summary>
    public AddCounts Counts { get; private set; }

    /// <summary>How many bytes of the content that was completed last lie in holes: in runs of zero bytes.</summary>
    public long HoleSpan { get; private set; }

    /// <summary>How many bytes lie before the last cut.</summary>
    internal long CutPosition => _cutter.CutPosition;

    /// <summary>How many bytes of content were taken.</summary>
    internal long Position => _cutter.Position;

    /// <summary>
    /// Room for the next bytes of content, at least one byte, for callers that read from a file: fill it from its start and
    /// call <see cref="AdvanceAsync"/>. Valid until then.
    /// </summary>
    public Memory<byte> GetMemory() => _cutter.Free;

    /// <summary>Takes the first <paramref name="count"/> bytes of what <see cref="GetMemory"/> gave.</summary>
    public ValueTask AdvanceAsync(int count, CancellationToken cancellationToken = default)
    {
        _failure?.Throw();
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)_cutter.Free.Length);
        _cutter.Advance(count);
        return _cutter.Free.IsEmpty || _cutter.Batch.LeafCount >= MostLeaves ? NextBatchAsync(cancellationToken) : default;
    }

    /// <summary>Takes the next bytes of content.</summary>
    /// <param name="data">Borrowed until the task completes.</param>
    /// <param name="cancellationToken">Gives up; the writer is then of no further use.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        while (!data.IsEmpty)
        {
            var free = GetMemory();
            var count = Math.Min(free.Length, data.Length);
            data[..count].CopyTo(free);
            data = data[count..];
            await AdvanceAsync(count, cancellationToken);
        }
    }

    /// <summary>
    /// Takes <paramref name="count"/> times the byte <paramref name="value"/> as content: a hole of any size at once. The
    /// reference is the same as if the bytes were written.
    /// </summary>
    public async ValueTask WriteRunAsync(byte value, long count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);

        // As real bytes until the cutter has come to a run of them, which it does after a longest chunk at most.
        while (count > 0 && !_cutter.TryExtendRun(value, count))
        {
            var free = GetMemory();
            var some = (int)Math.Min(Math.Min(free.Length, count), IChunkCutter.MinimumRun);
            free.Span[..some].Fill(value);
            count -= some;
            await AdvanceAsync(some, cancellationToken);
        }
    }

    /// <summary>
    /// Ends the content: when the task completes, all blocks of the reference are in the store, and the writer is ready for
    /// the next content.
    /// </summary>
    public async ValueTask<BlockRef> CompleteAsync(CancellationToken cancellationToken = default)
    {
        _failure?.Throw();
        _cutter.Finish();
        try
        {
            await StoreLeavesAsync(cancellationToken);
            HoleSpan = _assembler.HoleSpan;
            var root = _assembler.Complete();
            Counts += await _assembler.StoreBlocksAsync(_store, cancellationToken);
            _cutter.Reset();
            return root;
        }
        catch (Exception failure) when (Fail(failure))
        {
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (batch, added) in _underWay)
        {
            await ((Task)added).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            batch.Dispose();
        }

        _underWay.Clear();
        GiveBack();
        foreach (var batch in _spare)
            batch.Dispose();
        _spare.Clear();
        _cutter.Batch.Dispose();
        _assembler.Dispose();
        _failure ??= ExceptionDispatchInfo.Capture(new ObjectDisposedException(nameof(BlockTreeWriter)));
    }

    /// <summary>
    /// Whether a reference of a level may be appended now: content stands at a cut, and no node below that level is under way.
    /// </summary>
    internal async ValueTask<bool> CanAppendAsync(int level, CancellationToken cancellationToken)
    {
        if (!_cutter.IsAtCut)
            return false;
        await PassOnAsync(cancellationToken);
        return _assembler.CanAppend(level);
    }

    /// <summary>
    /// Takes a leaf or a subtree that is in the store already, as it is. The caller vouches that writing its content here
    /// would give just that.
    /// </summary>
    internal async ValueTask AppendAsync(BlockRef reference, CancellationToken cancellationToken)
    {
        await PassOnAsync(cancellationToken);
        _assembler.Append(reference);
        _cutter.Skip(reference.Span);
        if (_assembler.Buffer.Length >= NodeBytes)
            await StoreAsync(cancellationToken);
    }

    /// <summary>Cuts what is certain now; see <see cref="LeafCutter.CutEarly"/>.</summary>
    internal void CutEarly() => _cutter.CutEarly();

    /// <summary>Forgets all bytes behind the last cut.</summary>
    internal void DropWaiting() => _cutter.DropWaiting();

    // Gives all leaves so far to the assembler, hashed but perhaps not stored.
    async ValueTask PassOnAsync(CancellationToken cancellationToken)
    {
        _failure?.Throw();
        while (_underWay.Count > 0)
            await TakeOldestAsync(cancellationToken);
        GiveBack();
        _cutter.Batch.Hash(_store.Hasher);
        _cutter.Batch.PassOn(_assembler);
    }

    async ValueTask StoreLeavesAsync(CancellationToken cancellationToken)
    {
        await PassOnAsync(cancellationToken);
        Counts += await _cutter.Batch.StoreAsync(_store, cancellationToken);
    }

    async ValueTask StoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StoreLeavesAsync(cancellationToken);
            Counts += await _assembler.StoreBlocksAsync(_store, cancellationToken);
        }
        catch (Exception failure) when (Fail(failure))
        {
            throw;
        }
    }

    async ValueTask NextBatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_options.Workers == 0)
            {
                await StoreLeavesAsync(cancellationToken);
                if (_assembler.Buffer.Length >= NodeBytes)
                    Counts += await _assembler.StoreBlocksAsync(_store, cancellationToken);
                _cutter.MoveTo(_cutter.Batch);
                return;
            }

            while (_underWay.Count > 0 && (_underWay.Peek().Added.IsCompleted || !MayBeginAnother()))
                await TakeOldestAsync(cancellationToken);
            var full = _cutter.Batch;
            _cutter.MoveTo(_spare.TryPop(out var spare) ? spare : new LeafBatch(_capacity));
            _underWay.Enqueue((full, Task.Run(() => HashAndStoreAsync(full, cancellationToken), cancellationToken)));
        }
        catch (Exception failure) when (Fail(failure))
        {
            throw;
        }
    }

    bool MayBeginAnother()
    {
        if (_underWay.Count < _options.Workers + _borrowed)
            return true;
        if (_options.Shared?.TryTake() != true)
            return false;
        _borrowed++;
        return true;
    }

    // With the memory that it took.
    void GiveBack()
    {
        if (_borrowed == 0)
            return;
        _options.Shared!.GiveBack(_borrowed);
        _borrowed = 0;
        while (_spare.Count > _options.Workers)
            _spare.Pop().Dispose();
    }

    async Task<AddCounts> HashAndStoreAsync(LeafBatch batch, CancellationToken cancellationToken)
    {
        batch.Hash(_store.Hasher);
        return await batch.StoreAsync(_store, cancellationToken);
    }

    async ValueTask TakeOldestAsync(CancellationToken cancellationToken)
    {
        var (batch, added) = _underWay.Peek();
        Counts += await added;
        _underWay.Dequeue();
        batch.PassOn(_assembler);
        batch.Clear();
        _spare.Push(batch);
        if (_assembler.Buffer.Length >= NodeBytes)
            Counts += await _assembler.StoreBlocksAsync(_store, cancellationToken);
    }

    // As an exception filter: keeps the first failure for later calls and lets it pass.
    bool Fail(Exception failure)
    {
        _failure ??= ExceptionDispatchInfo.Capture(failure);
        return false;
    }
}
