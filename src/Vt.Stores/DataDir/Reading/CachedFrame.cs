using System.Buffers;
using Vt.Blocks.Chunking;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.DataDir.Reading;

/// <summary>
/// A frame's blocks in memory, decompressed as far as they were wanted. Counted: the cache and each lease hold it, and the last one to let go
/// gives the buffers back. Thread-safe.
/// </summary>
sealed class CachedFrame : IBlockOwner
{
    readonly byte[] _bytes;
    readonly int _start;
    readonly byte[] _rows;
    readonly int[] _ends;
    readonly byte[] _verified;
    int _references = 1;

    /// <summary>Takes buffers over, from the shared pools.</summary>
    /// <param name="bytes">Holds the blocks one after the other.</param>
    /// <param name="start">Where they start in it.</param>
    /// <param name="decoded">How many bytes of them are there.</param>
    /// <param name="header">The frame's header with its rows; copied.</param>
    /// <param name="blocks">How many rows.</param>
    public CachedFrame(byte[] bytes, int start, int decoded, ReadOnlySpan<byte> header, int blocks)
    {
        _bytes = bytes;
        _start = start;
        Decoded = decoded;
        Blocks = blocks;
        _rows = ArrayPool<byte>.Shared.Rent(Math.Max(1, blocks * FrameBlock.Size));
        header.Slice(FrameHeader.FixedSize, blocks * FrameBlock.Size).CopyTo(_rows);
        _verified = ArrayPool<byte>.Shared.Rent(blocks);
        Array.Clear(_verified);
        _ends = ArrayPool<int>.Shared.Rent(blocks);
        var end = 0;
        for (var i = 0; i < blocks; i++)
            _ends[i] = end += FrameBlock.LengthOf(Row(i));
    }

    /// <summary>How many blocks the frame has.</summary>
    public int Blocks { get; }

    /// <summary>How many bytes of blocks are there.</summary>
    public int Decoded { get; }

    /// <summary>The memory that it holds, in bytes.</summary>
    public int Cost => _bytes.Length + _rows.Length + (_ends.Length * sizeof(int)) + _verified.Length;

    /// <summary>One holder more. The caller knows that there is one now.</summary>
    public void Acquire() => Interlocked.Increment(ref _references);

    /// <inheritdoc/>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<byte>.Shared.Return(_rows);
        ArrayPool<byte>.Shared.Return(_verified);
        ArrayPool<int>.Shared.Return(_ends);
    }

    /// <summary>Whether a block's bytes are there.</summary>
    public bool Has(int ordinal) => ordinal >= Blocks || _ends[ordinal] <= Decoded;

    /// <summary>Where a block lies in <see cref="Buffer"/>.</summary>
    public Chunk ChunkOf(int ordinal)
    {
        var start = ordinal == 0 ? 0 : _ends[ordinal - 1];
        return new Chunk(_start + start, _ends[ordinal] - start);
    }

    /// <summary>What <see cref="ChunkOf"/> indexes.</summary>
    public ReadOnlySpan<byte> Buffer => _bytes;

    /// <summary>A block's bytes.</summary>
    public ReadOnlyMemory<byte> Memory(int ordinal)
    {
        var chunk = ChunkOf(ordinal);
        return _bytes.AsMemory(chunk.Offset, chunk.Length);
    }

    /// <summary>Whether the row says that a block is this one.</summary>
    public bool IsOf(int ordinal, in BlockHash hash) =>
        ordinal < Blocks && hash.Digest.SequenceEqual(Row(ordinal)[..hash.Digest.Length]);

    /// <summary>Whether a block's bytes were checked against its row's digest.</summary>
    public bool IsVerified(int ordinal) => Volatile.Read(ref _verified[ordinal]) != 0;

    /// <summary>Remembers that they match.</summary>
    public void SetVerified(int ordinal) => Volatile.Write(ref _verified[ordinal], 1);

    ReadOnlySpan<byte> Row(int ordinal) => _rows.AsSpan(ordinal * FrameBlock.Size, FrameBlock.Size);
}
