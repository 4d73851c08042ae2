using System.Runtime.CompilerServices;

namespace Vt.Blocks.Hashing;

/// <summary>
/// <see cref="Blake3Kernel"/> in sixteen lanes. AVX-512 has 32 registers, which hold the whole state and the block's words too,
/// so that nothing is kept in memory.
/// </summary>
static class Blake3WideKernel
{
    /// <summary>Compresses every lane's input to a chaining value.</summary>
    /// <param name="input">The start of the input; every lane's blocks lie behind it in whole, padded with zeros.</param>
    /// <param name="lanes">The lanes; padded to the kernel's width here.</param>
    /// <param name="key">The key, or the initial value.</param>
    /// <param name="flags">The flags of all blocks.</param>
    /// <param name="startFlags">More flags for first blocks.</param>
    /// <param name="output">The start of the output; 32 bytes are written at every lane's target, after all input was read.</param>
    public static void Compress(
        ref byte input, ref Blake3Lanes lanes, ref readonly Blake3Constants.Value key, uint flags, uint startFlags, ref byte output)
    {
        lanes.Pad(Blake3Vector16.Lanes);
        var h0 = Blake3Vector16.Broadcast(key[0]);
        var h1 = Blake3Vector16.Broadcast(key[1]);
        var h2 = Blake3Vector16.Broadcast(key[2]);
        var h3 = Blake3Vector16.Broadcast(key[3]);
        var h4 = Blake3Vector16.Broadcast(key[4]);
        var h5 = Blake3Vector16.Broadcast(key[5]);
        var h6 = Blake3Vector16.Broadcast(key[6]);
        var h7 = Blake3Vector16.Broadcast(key[7]);
        for (var block = 0; block < lanes.Blocks; block++)
        {
            Blake3Vector16.StartBlock(
                ref lanes.Length[0], ref lanes.EndFlags[0], block, block == 0 ? flags | startFlags : flags,
                out var ve, out var vf, out var active);
            Blake3Vector16.LoadBlock(
                ref Unsafe.Add(ref input, block * Blake3Constants.BlockLength), ref lanes.Offset[0],
                out var m0, out var m1, out var m2, out var m3, out var m4, out var m5, out var m6, out var m7,
                out var m8, out var m9, out var ma, out var mb, out var mc, out var md, out var me, out var mf);
            var v0 = h0;
            var v1 = h1;
            var v2 = h2;
            var v3 = h3;
            var v4 = h4;
            var v5 = h5;
            var v6 = h6;
            var v7 = h7;
            var v8 = Blake3Vector16.Broadcast(Blake3Constants.Iv0);
            var v9 = Blake3Vector16.Broadcast(Blake3Constants.Iv1);
            var va = Blake3Vector16.Broadcast(Blake3Constants.Iv2);
            var vb = Blake3Vector16.Broadcast(Blake3Constants.Iv3);
            var vc = Blake3Vector16.Load(ref lanes.CounterLow[0]);
            var vd = Blake3Vector16.Load(ref lanes.CounterHigh[0]);

            Blake3Vector16.Mix(ref v0, ref v4, ref v8, ref vc, m0, m1);
            Blake3Vector16.Mix(ref v1, ref v5, ref v9, ref vd, m2, m3);
            Blake3Vector16.Mix(ref v2, ref v6, ref va, ref ve, m4, m5);
            Blake3Vector16.Mix(ref v3, ref v7, ref vb, ref vf, m6, m7);
            Blake3Vector16.Mix(ref v0, ref v5, ref va, ref vf, m8, m9);
            Blake3Vector16.Mix(ref v1, ref v6, ref vb, ref vc, ma, mb);
            Blake3Vector16.Mix(ref v2, ref v7, ref v8, ref vd, mc, md);
            Blake3Vector16.Mix(ref v3, ref v4, ref v9, ref ve, me, mf);

            Blake3Vector16.Mix(ref v0, ref v4, ref v8, ref vc, m2, m6);
            Blake3Vector16.Mix(ref v1, ref v5, ref v9, ref vd, m3, ma);
            Blake3Vector16.Mix(ref v2, ref v6, ref va, ref ve, m7, m0);
            Blake3Vector16.Mix(ref v3, ref v7, ref vb, ref vf, m4, md);
            Blake3Vector16.Mix(ref v0, ref v5, ref va, ref vf, m1, mb);
            Blake3Vector16.Mix(ref v1, ref v6, ref vb, ref vc, mc, m5);
            Blake3Vector16.Mix(ref v2, ref v7, ref v8, ref vd, m9, me);
            Blake3Vector16.Mix(ref v3, ref v4, ref v9, ref ve, mf, m8);

            Blake3Vector16.Mix(ref v0, ref v4, ref v8, ref vc, m3, m4);
            Blake3Vector16.Mix(ref v1, ref v5, ref v9, ref vd, ma, mc);
            Blake3Vector16.Mix(ref v2, ref v6, ref va, ref ve, md, m2);
            Blake3Vector16.Mix(ref v3, ref v7, ref vb, ref vf, m7, me);
            Blake3Vector16.Mix(ref v0, ref v5, ref va, ref vf, m6, m5);
            Blake3Vector16.Mix(ref v1, ref v6, ref vb, ref vc, m9, m0);
            Blake3Vector16.Mix(ref v2, ref v7, ref v8, ref vd, mb, mf);
            Blake3Vector16.Mix(ref v3, ref v4, ref v9, ref ve, m8, m1);

            Blake3Vector16.Mix(ref v0, ref v4, ref v8, ref vc, ma, m7);
            Blake3Vector16.Mix(ref v1, ref v5, ref v9, ref vd, mc, m9);
            Blake3Vector16.Mix(ref v2, ref v6, ref va, ref ve, me, m3);
            Blake3Vector16.Mix(ref v3, ref v7, ref vb, ref vf, md, mf);
            Blake3Vector16.Mix(ref v0, ref v5, ref va, ref vf, m4, m0);
            Blake3Vector16.Mix(ref v1, ref v6, ref vb, ref vc, mb, m2);
            Blake3Vector16.Mix(ref v2, ref v7, ref v8, ref vd, m5, m8);
            Blake3Vector16.Mix(ref v3, ref v4, ref v9, ref ve, m1, m6);

            Blake3Vector16.Mix(ref v0, ref v4, ref v8, ref vc, mc, md);
            Blake3Vector16.Mix(ref v1, ref v5, ref v9, ref vd, m9, mb);
            Blake3Vector16.Mix(ref v2, ref v6, ref va, ref ve, mf, ma);
            Blake3Vector16.Mix(ref v3, ref v7, ref vb, ref vf, me, m8);
            Blake3Vector16.Mix(ref v0, ref v5, ref va, ref vf, m7, m2);
            Blake3Vector16.Mix(ref v1, ref v6, ref vb, ref vc, m5, m3);
            Blake3Vector16.Mix(ref v2, ref v7, ref v8, ref vd, m0, m1);
            Blake3Vector16.Mix(ref v3, ref v4, ref v9, ref ve, m6, m4);

            Blake3Vector16.Mix(ref v0, ref v4, ref v8, ref vc, m9, me);
            Blake3Vector16.Mix(ref v1, ref v5, ref v9, ref vd, mb, m5);
            Blake3Vector16.Mix(ref v2, ref v6, ref va, ref ve, m8, mc);
            Blake3Vector16.Mix(ref v3, ref v7, ref vb, ref vf, mf, m1);
            Blake3Vector16.Mix(ref v0, ref v5, ref va, ref vf, md, m3);
            Blake3Vector16.Mix(ref v1, ref v6, ref vb, ref vc, m0, ma);
            Blake3Vector16.Mix(ref v2, ref v7, ref v8, ref vd, m2, m6);
            Blake3Vector16.Mix(ref v3, ref v4, ref v9, ref ve, m4, m7);

            Blake3Vector16.Mix(ref v0, ref v4, ref v8, ref vc, mb, mf);
            Blake3Vector16.Mix(ref v1, ref v5, ref v9, ref vd, m5, m0);
            Blake3Vector16.Mix(ref v2, ref v6, ref va, ref ve, m1, m9);
            Blake3Vector16.Mix(ref v3, ref v7, ref vb, ref vf, m8, m6);
            Blake3Vector16.Mix(ref v0, ref v5, ref va, ref vf, me, ma);
            Blake3Vector16.Mix(ref v1, ref v6, ref vb, ref vc, m2, mc);
            Blake3Vector16.Mix(ref v2, ref v7, ref v8, ref vd, m3, m4);
            Blake3Vector16.Mix(ref v3, ref v4, ref v9, ref ve, m7, md);

            if (lanes.IsUniform)
            {
                h0 = Blake3Vector16.Xor(v0, v8);
                h1 = Blake3Vector16.Xor(v1, v9);
                h2 = Blake3Vector16.Xor(v2, va);
                h3 = Blake3Vector16.Xor(v3, vb);
                h4 = Blake3Vector16.Xor(v4, vc);
                h5 = Blake3Vector16.Xor(v5, vd);
                h6 = Blake3Vector16.Xor(v6, ve);
                h7 = Blake3Vector16.Xor(v7, vf);
            }
            else
            {
                h0 = Blake3Vector16.Select(active, Blake3Vector16.Xor(v0, v8), h0);
                h1 = Blake3Vector16.Select(active, Blake3Vector16.Xor(v1, v9), h1);
                h2 = Blake3Vector16.Select(active, Blake3Vector16.Xor(v2, va), h2);
                h3 = Blake3Vector16.Select(active, Blake3Vector16.Xor(v3, vb), h3);
                h4 = Blake3Vector16.Select(active, Blake3Vector16.Xor(v4, vc), h4);
                h5 = Blake3Vector16.Select(active, Blake3Vector16.Xor(v5, vd), h5);
                h6 = Blake3Vector16.Select(active, Blake3Vector16.Xor(v6, ve), h6);
                h7 = Blake3Vector16.Select(active, Blake3Vector16.Xor(v7, vf), h7);
            }
        }

        Blake3Vector16.Store(ref output, ref lanes.Target[0], h0, h1, h2, h3, h4, h5, h6, h7);
    }
}
