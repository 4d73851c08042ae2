using System.Buffers;
using System.Numerics;

namespace Vt.Blocks.Hashing;

/// <summary>
/// BLAKE3 over data that arrives in pieces, with output of any length. Memory: 16 KiB and a 2 KiB stack, whatever the length.
/// </summary>
/// <remarks>
/// Invariants: (1) the stack holds the chaining values of whole subtrees, one for each set bit of the number of leaves taken,
/// the largest lowest; (2) at least one byte of what was appended is still pending, so nothing that was taken is the root.
/// </remarks>
public sealed class Blake3Streaming : StreamingHash
{
    const int PendingLeaves = 16;
    const int PendingBytes = PendingLeaves * Blake3Constants.LeafLength;
    const int Depth = 54;

    readonly Blake3Mode _mode;
    readonly byte[] _stack = new byte[Depth * Blake3Constants.ValueLength];
    byte[] _pending = [];
    int _pendingLength;
    int _depth;
    ulong _leaves;

    /// <summary>Starts the plain hash.</summary>
    public Blake3Streaming()
        : this(Blake3Mode.Plain(Blake3Mode.MachineWidth))
    {
    }

    /// <summary>Starts the keyed hash.</summary>
    /// <param name="key">32 bytes; copied.</param>
    public Blake3Streaming(ReadOnlySpan<byte> key)
        : this(Blake3.KeyedMode(key))
    {
    }

    internal Blake3Streaming(in Blake3Mode mode) => _mode = mode;

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_pendingLength == 0 && data.Length > PendingBytes)
            {
                var leaves = WholeSubtree(data.Length);
                Push(data[..(leaves * Blake3Constants.LeafLength)], leaves);
                data = data[(leaves * Blake3Constants.LeafLength)..];
                continue;
            }

            if (_pendingLength == PendingBytes)
            {
                Push(_pending.AsSpan(0, PendingBytes), PendingLeaves);
                _pendingLength = 0;
                continue;
            }

            if (_pending.Length == 0)
                _pending = ArrayPool<byte>.Shared.Rent(PendingBytes);
            var count = Math.Min(PendingBytes - _pendingLength, data.Length);
            data[..count].CopyTo(_pending.AsSpan(_pendingLength));
            _pendingLength += count;
            data = data[count..];
        }
    }

    /// <inheritdoc/>
    public override BlockHash Current()
    {
        Span<byte> digest = stackalloc byte[Blake3Constants.ValueLength];
        Output(digest);
        return new BlockHash(HashAlgorithmId.Blake3, digest);
    }

    /// <summary>The hash of all pieces so far at any length; shorter output is the start of longer. More pieces may follow.</summary>
    /// <param name="output">Receives as many bytes as it has room for.</param>
    public void Output(Span<byte> output)
    {
        Span<byte> children = stackalloc byte[2 * Blake3Constants.ValueLength];
        var node = NodeOver(_pending.AsSpan(0, _pendingLength), _leaves, children);
        for (var level = _depth - 1; level >= 0; level--)
        {
            ValueAt(level).CopyTo(children);
            node.Value(0, children[Blake3Constants.ValueLength..]);
            node = Blake3Node.OfParent(in _mode.Key, children, _mode.Flags);
        }

        node.Output(output);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        var pending = _pending;
        _pending = [];
        _pendingLength = 0;
        if (pending.Length > 0)
            ArrayPool<byte>.Shared.Return(pending);
        base.Dispose();
    }

    /// <summary>How many leaves the largest subtree has that may start here and leaves a byte of the data over.</summary>
    int WholeSubtree(int length)
    {
        var fits = 1 << BitOperations.Log2((uint)(length - 1) / Blake3Constants.LeafLength);
        var aligned = _leaves == 0 ? Blake3Batch.MaxLeaves : 1L << Math.Min(30, BitOperations.TrailingZeroCount(_leaves));
        return (int)Math.Min(Math.Min(fits, aligned), Blake3Batch.MaxLeaves);
    }

    void Push(ReadOnlySpan<byte> data, int leaves)
    {
        Span<byte> children = stackalloc byte[2 * Blake3Constants.ValueLength];
        Span<byte> value = stackalloc byte[Blake3Constants.ValueLength];
        NodeOver(data, _leaves, children).Value(0, value);
        _leaves += (ulong)leaves;
        var size = (ulong)leaves;
        while ((_leaves & size) == 0)
        {
            ValueAt(--_depth).CopyTo(children);
            value.CopyTo(children[Blake3Constants.ValueLength..]);
            Blake3Node.OfParent(in _mode.Key, children, _mode.Flags).Value(0, value);
            size *= 2;
        }

        value.CopyTo(ValueAt(_depth++));
    }

    Blake3Node NodeOver(ReadOnlySpan<byte> data, ulong firstLeaf, Span<byte> children)
    {
        if (data.Length <= Blake3Constants.LeafLength)
            return Blake3Node.OfLeaf(in _mode.Key, data, firstLeaf, _mode.Flags);
        Blake3Batch.Children(in _mode, data, firstLeaf, children);
        return Blake3Node.OfParent(in _mode.Key, children, _mode.Flags);
    }

    Span<byte> ValueAt(int level) => _stack.AsSpan(level * Blake3Constants.ValueLength, Blake3Constants.ValueLength);
}
