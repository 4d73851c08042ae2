namespace Vt.Blocks.Hashing;

/// <summary>The last block of a leaf, or a parent, before it is compressed: what a root needs to give output of any length.</summary>
struct Blake3Node
{
    Blake3Constants.Value _input;
    Block _block;
    int _length;
    ulong _counter;
    uint _flags;

    [System.Runtime.CompilerServices.InlineArray(Blake3Constants.BlockLength)]
    struct Block
    {
        byte _first;
    }

    /// <summary>The node of a leaf of 0 to 1024 bytes.</summary>
    public static Blake3Node OfLeaf(ref readonly Blake3Constants.Value key, ReadOnlySpan<byte> data, ulong counter, uint flags)
    {
        var node = new Blake3Node { _input = key, _counter = counter };
        Span<byte> value = stackalloc byte[Blake3Constants.ValueLength];
        var start = Blake3Constants.ChunkStart;
        while (data.Length > Blake3Constants.BlockLength)
        {
            Blake3Scalar.Compress(in node._input, data, Blake3Constants.BlockLength, counter, flags | start, value);
            Load(value, ref node._input);
            data = data[Blake3Constants.BlockLength..];
            start = 0;
        }

        data.CopyTo(node._block);
        node._length = data.Length;
        node._flags = flags | start | Blake3Constants.ChunkEnd;
        return node;
    }

    /// <summary>The node over two children.</summary>
    /// <param name="key">The key, or the initial value.</param>
    /// <param name="children">The chaining values of both, 64 bytes.</param>
    /// <param name="flags">The function's flag.</param>
    public static Blake3Node OfParent(ref readonly Blake3Constants.Value key, ReadOnlySpan<byte> children, uint flags)
    {
        var node = new Blake3Node { _input = key, _length = Blake3Constants.BlockLength, _flags = flags | Blake3Constants.Parent };
        children.CopyTo(node._block);
        return node;
    }

    /// <summary>The node's chaining value.</summary>
    /// <param name="moreFlags">0, or the root's flag, which makes it the hash's first 32 bytes.</param>
    /// <param name="value">Receives 32 bytes.</param>
    public readonly void Value(uint moreFlags, Span<byte> value) =>
        Blake3Scalar.Compress(in _input, _block, _length, _counter, _flags | moreFlags, value);

    /// <summary>The hash, this node being the root, of any length.</summary>
    public readonly void Output(Span<byte> output)
    {
        Span<byte> block = stackalloc byte[Blake3Constants.BlockLength];
        for (ulong number = 0; !output.IsEmpty; number++)
        {
            Blake3Scalar.Compress(in _input, _block, _length, number, _flags | Blake3Constants.Root, block);
            var count = Math.Min(output.Length, block.Length);
            block[..count].CopyTo(output);
            output = output[count..];
        }
    }

    static void Load(ReadOnlySpan<byte> bytes, ref Blake3Constants.Value value)
    {
        for (var i = 0; i < 8; i++)
            value[i] = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..]);
    }
}
