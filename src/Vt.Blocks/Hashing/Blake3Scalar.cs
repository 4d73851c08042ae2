using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Vt.Blocks.Hashing;

/// <summary>BLAKE3's compression of one block in general registers: for single leaves, roots and machines without vectors.</summary>
static class Blake3Scalar
{
    /// <summary>Compresses one block.</summary>
    /// <param name="value">The key or the chaining value before the block.</param>
    /// <param name="block">64 bytes, padded with zeros.</param>
    /// <param name="length">How many of them count.</param>
    /// <param name="counter">The leaf's or the output block's number.</param>
    /// <param name="flags">The block's flags.</param>
    /// <param name="output">Receives the chaining value, 32 bytes, or the whole state, 64 bytes, by its length.</param>
    public static void Compress(
        ref readonly Blake3Constants.Value value, ReadOnlySpan<byte> block, int length, ulong counter, uint flags, Span<byte> output)
    {
        block = block[..Blake3Constants.BlockLength];
        var m0 = BinaryPrimitives.ReadUInt32LittleEndian(block);
        var m1 = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        var m2 = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]);
        var m3 = BinaryPrimitives.ReadUInt32LittleEndian(block[12..]);
        var m4 = BinaryPrimitives.ReadUInt32LittleEndian(block[16..]);
        var m5 = BinaryPrimitives.ReadUInt32LittleEndian(block[20..]);
        var m6 = BinaryPrimitives.ReadUInt32LittleEndian(block[24..]);
        var m7 = BinaryPrimitives.ReadUInt32LittleEndian(block[28..]);
        var m8 = BinaryPrimitives.ReadUInt32LittleEndian(block[32..]);
        var m9 = BinaryPrimitives.ReadUInt32LittleEndian(block[36..]);
        var ma = BinaryPrimitives.ReadUInt32LittleEndian(block[40..]);
        var mb = BinaryPrimitives.ReadUInt32LittleEndian(block[44..]);
        var mc = BinaryPrimitives.ReadUInt32LittleEndian(block[48..]);
        var md = BinaryPrimitives.ReadUInt32LittleEndian(block[52..]);
        var me = BinaryPrimitives.ReadUInt32LittleEndian(block[56..]);
        var mf = BinaryPrimitives.ReadUInt32LittleEndian(block[60..]);
        var v0 = value[0];
        var v1 = value[1];
        var v2 = value[2];
        var v3 = value[3];
        var v4 = value[4];
        var v5 = value[5];
        var v6 = value[6];
        var v7 = value[7];
        var v8 = Blake3Constants.Iv0;
        var v9 = Blake3Constants.Iv1;
        var va = Blake3Constants.Iv2;
        var vb = Blake3Constants.Iv3;
        var vc = (uint)counter;
        var vd = (uint)(counter >> 32);
        var ve = (uint)length;
        var vf = flags;

        Mix(ref v0, ref v4, ref v8, ref vc, m0, m1);
        Mix(ref v1, ref v5, ref v9, ref vd, m2, m3);
        Mix(ref v2, ref v6, ref va, ref ve, m4, m5);
        Mix(ref v3, ref v7, ref vb, ref vf, m6, m7);
        Mix(ref v0, ref v5, ref va, ref vf, m8, m9);
        Mix(ref v1, ref v6, ref vb, ref vc, ma, mb);
        Mix(ref v2, ref v7, ref v8, ref vd, mc, md);
        Mix(ref v3, ref v4, ref v9, ref ve, me, mf);

        Mix(ref v0, ref v4, ref v8, ref vc, m2, m6);
        Mix(ref v1, ref v5, ref v9, ref vd, m3, ma);
        Mix(ref v2, ref v6, ref va, ref ve, m7, m0);
        Mix(ref v3, ref v7, ref vb, ref vf, m4, md);
        Mix(ref v0, ref v5, ref va, ref vf, m1, mb);
        Mix(ref v1, ref v6, ref vb, ref vc, mc, m5);
        Mix(ref v2, ref v7, ref v8, ref vd, m9, me);
        Mix(ref v3, ref v4, ref v9, ref ve, mf, m8);

        Mix(ref v0, ref v4, ref v8, ref vc, m3, m4);
        Mix(ref v1, ref v5, ref v9, ref vd, ma, mc);
        Mix(ref v2, ref v6, ref va, ref ve, md, m2);
        Mix(ref v3, ref v7, ref vb, ref vf, m7, me);
        Mix(ref v0, ref v5, ref va, ref vf, m6, m5);
        Mix(ref v1, ref v6, ref vb, ref vc, m9, m0);
        Mix(ref v2, ref v7, ref v8, ref vd, mb, mf);
        Mix(ref v3, ref v4, ref v9, ref ve, m8, m1);

        Mix(ref v0, ref v4, ref v8, ref vc, ma, m7);
        Mix(ref v1, ref v5, ref v9, ref vd, mc, m9);
        Mix(ref v2, ref v6, ref va, ref ve, me, m3);
        Mix(ref v3, ref v7, ref vb, ref vf, md, mf);
        Mix(ref v0, ref v5, ref va, ref vf, m4, m0);
        Mix(ref v1, ref v6, ref vb, ref vc, mb, m2);
        Mix(ref v2, ref v7, ref v8, ref vd, m5, m8);
        Mix(ref v3, ref v4, ref v9, ref ve, m1, m6);

        Mix(ref v0, ref v4, ref v8, ref vc, mc, md);
        Mix(ref v1, ref v5, ref v9, ref vd, m9, mb);
        Mix(ref v2, ref v6, ref va, ref ve, mf, ma);
        Mix(ref v3, ref v7, ref vb, ref vf, me, m8);
        Mix(ref v0, ref v5, ref va, ref vf, m7, m2);
        Mix(ref v1, ref v6, ref vb, ref vc, m5, m3);
        Mix(ref v2, ref v7, ref v8, ref vd, m0, m1);
        Mix(ref v3, ref v4, ref v9, ref ve, m6, m4);

        Mix(ref v0, ref v4, ref v8, ref vc, m9, me);
        Mix(ref v1, ref v5, ref v9, ref vd, mb, m5);
        Mix(ref v2, ref v6, ref va, ref ve, m8, mc);
        Mix(ref v3, ref v7, ref vb, ref vf, mf, m1);
        Mix(ref v0, ref v5, ref va, ref vf, md, m3);
        Mix(ref v1, ref v6, ref vb, ref vc, m0, ma);
        Mix(ref v2, ref v7, ref v8, ref vd, m2, m6);
        Mix(ref v3, ref v4, ref v9, ref ve, m4, m7);

        Mix(ref v0, ref v4, ref v8, ref vc, mb, mf);
        Mix(ref v1, ref v5, ref v9, ref vd, m5, m0);
        Mix(ref v2, ref v6, ref va, ref ve, m1, m9);
        Mix(ref v3, ref v7, ref vb, ref vf, m8, m6);
        Mix(ref v0, ref v5, ref va, ref vf, me, ma);
        Mix(ref v1, ref v6, ref vb, ref vc, m2, mc);
        Mix(ref v2, ref v7, ref v8, ref vd, m3, m4);
        Mix(ref v3, ref v4, ref v9, ref ve, m7, md);

        output = output[..(output.Length < Blake3Constants.BlockLength ? Blake3Constants.ValueLength : Blake3Constants.BlockLength)];
        BinaryPrimitives.WriteUInt32LittleEndian(output, v0 ^ v8);
        BinaryPrimitives.WriteUInt32LittleEndian(output[4..], v1 ^ v9);
        BinaryPrimitives.WriteUInt32LittleEndian(output[8..], v2 ^ va);
        BinaryPrimitives.WriteUInt32LittleEndian(output[12..], v3 ^ vb);
        BinaryPrimitives.WriteUInt32LittleEndian(output[16..], v4 ^ vc);
        BinaryPrimitives.WriteUInt32LittleEndian(output[20..], v5 ^ vd);
        BinaryPrimitives.WriteUInt32LittleEndian(output[24..], v6 ^ ve);
        BinaryPrimitives.WriteUInt32LittleEndian(output[28..], v7 ^ vf);
        if (output.Length == Blake3Constants.ValueLength)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(output[32..], v8 ^ value[0]);
        BinaryPrimitives.WriteUInt32LittleEndian(output[36..], v9 ^ value[1]);
        BinaryPrimitives.WriteUInt32LittleEndian(output[40..], va ^ value[2]);
        BinaryPrimitives.WriteUInt32LittleEndian(output[44..], vb ^ value[3]);
        BinaryPrimitives.WriteUInt32LittleEndian(output[48..], vc ^ value[4]);
        BinaryPrimitives.WriteUInt32LittleEndian(output[52..], vd ^ value[5]);
        BinaryPrimitives.WriteUInt32LittleEndian(output[56..], ve ^ value[6]);
        BinaryPrimitives.WriteUInt32LittleEndian(output[60..], vf ^ value[7]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Mix(ref uint a, ref uint b, ref uint c, ref uint d, uint x, uint y)
    {
        a = a + x + b;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 12);
        a = a + y + b;
        d = BitOperations.RotateRight(d ^ a, 8);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 7);
    }
}
