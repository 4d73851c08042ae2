using System.Buffers;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.Cache;

/// <summary>Blocks on their way to the store behind: those that it has not got are added, all together. Not thread-safe.</summary>
/// <param name="backing">The store behind.</param>
/// <param name="hasher">Names blocks: nothing is sent under a name that is not its own.</param>
sealed class SendBatch(IBlockStore backing, BlockHasher hasher) : IDisposable
{
    readonly List<BlockSlot> _slots = [];
    byte[] _buffer = ArrayPool<byte>.Shared.Rent(4 << 20);
    int _length;

    /// <summary>How many bytes are in it.</summary>
    public int Bytes => _length;

    /// <summary>How many blocks.</summary>
    public int Count => _slots.Count;

    /// <summary>Takes a block.</summary>
    /// <returns>False where its bytes are not what its name says.</returns>
    public bool TryAdd(in FrameBlock block, ReadOnlySpan<byte> bytes)
    {
        if (hasher.Hash(bytes) != block.Hash)
            return false;
        if (_length + bytes.Length > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes.Length));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _slots.Add(new BlockSlot(block.Hash, _length, bytes.Length, block.Content));
        _length += bytes.Length;
        return true;
    }

    /// <summary>Adds what the store behind has not got, in order.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        if (_slots.Count == 0)
            return;
        var present = new bool[_slots.Count];
        await backing.ContainsManyAsync(_slots.ConvertAll(static slot => slot.Hash).ToArray(), present, cancellationToken);
        var absent = _slots.Where((_, i) => !present[i]).ToArray();

        // Trees apart, and after the data: a store that takes a batch in part has nothing above what it lacks.
        for (var content = BlockContent.Data; content <= BlockContent.Tree; content++)
        {
            var slots = Array.FindAll(absent, slot => slot.Content == content);
            if (slots.Length > 0)
                await backing.AddManyAsync(_buffer.AsMemory(0, _length), slots, cancellationToken);
        }

        _slots.Clear();
        _length = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}
