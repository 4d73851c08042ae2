using System.Runtime.CompilerServices;

namespace Vt.Blocks.Hashing;

/// <summary>
/// BLAKE3's compression over many leaves or parents at once, each in its own lane: vector i holds word i of all lanes. The one
/// text serves all widths; what differs is in the <see cref="IBlake3Vector{T}"/>s.
/// </summary>
static class Blake3Kernel
{
    /// <summary>Compresses every lane's input to a chaining value.</summary>
    /// <param name="input">The start of the input; every lane's blocks lie behind it in whole, padded with zeros.</param>
    /// <param name="lanes">The lanes; padded to the kernel's width here.</param>
    /// <param name="key">The key, or the initial value.</param>
    /// <param name="flags">The flags of all blocks.</param>
    /// <param name="startFlags">More flags for first blocks.</param>
    /// <param name="output">The start of the output; 32 bytes are written at every lane's target, after all input was read.</param>
    /// <typeparam name="T">The vector of one word of every lane.</typeparam>
    /// <typeparam name="TVector">Its operations.</typeparam>
    public static void Compress<T, TVector>(
        ref byte input, ref Blake3Lanes lanes, ref readonly Blake3Constants.Value key, uint flags, uint startFlags, ref byte output)
        where T : struct
        where TVector : IBlake3Vector<T>
    {
        lanes.Pad(TVector.Lanes);
        var h0 = TVector.Broadcast(key[0]);
        var h1 = TVector.Broadcast(key[1]);
        var h2 = TVector.Broadcast(key[2]);
        var h3 = TVector.Broadcast(key[3]);
        var h4 = TVector.Broadcast(key[4]);
        var h5 = TVector.Broadcast(key[5]);
        var h6 = TVector.Broadcast(key[6]);
        var h7 = TVector.Broadcast(key[7]);
        for (var block = 0; block < lanes.Blocks; block++)
        {
            lanes.StartBlock(block, TVector.Lanes, flags, startFlags);
            TVector.LoadBlock(
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
            var v8 = TVector.Broadcast(Blake3Constants.Iv0);
            var v9 = TVector.Broadcast(Blake3Constants.Iv1);
            var va = TVector.Broadcast(Blake3Constants.Iv2);
            var vb = TVector.Broadcast(Blake3Constants.Iv3);
            var vc = TVector.Load(ref lanes.CounterLow[0]);
            var vd = TVector.Load(ref lanes.CounterHigh[0]);
            var ve = TVector.Load(ref lanes.BlockLength[0]);
            var vf = TVector.Load(ref lanes.BlockFlags[0]);

            TVector.Mix(ref v0, ref v4, ref v8, ref vc, m0, m1);
            TVector.Mix(ref v1, ref v5, ref v9, ref vd, m2, m3);
            TVector.Mix(ref v2, ref v6, ref va, ref ve, m4, m5);
            TVector.Mix(ref v3, ref v7, ref vb, ref vf, m6, m7);
            TVector.Mix(ref v0, ref v5, ref va, ref vf, m8, m9);
            TVector.Mix(ref v1, ref v6, ref vb, ref vc, ma, mb);
            TVector.Mix(ref v2, ref v7, ref v8, ref vd, mc, md);
            TVector.Mix(ref v3, ref v4, ref v9, ref ve, me, mf);

            TVector.Mix(ref v0, ref v4, ref v8, ref vc, m2, m6);
            TVector.Mix(ref v1, ref v5, ref v9, ref vd, m3, ma);
            TVector.Mix(ref v2, ref v6, ref va, ref ve, m7, m0);
            TVector.Mix(ref v3, ref v7, ref vb, ref vf, m4, md);
            TVector.Mix(ref v0, ref v5, ref va, ref vf, m1, mb);
            TVector.Mix(ref v1, ref v6, ref vb, ref vc, mc, m5);
            TVector.Mix(ref v2, ref v7, ref v8, ref vd, m9, me);
            TVector.Mix(ref v3, ref v4, ref v9, ref ve, mf, m8);

            TVector.Mix(ref v0, ref v4, ref v8, ref vc, m3, m4);
            TVector.Mix(ref v1, ref v5, ref v9, ref vd, ma, mc);
            TVector.Mix(ref v2, ref v6, ref va, ref ve, md, m2);
            TVector.Mix(ref v3, ref v7, ref vb, ref vf, m7, me);
            TVector.Mix(ref v0, ref v5, ref va, ref vf, m6, m5);
            TVector.Mix(ref v1, ref v6, ref vb, ref vc, m9, m0);
            TVector.Mix(ref v2, ref v7, ref v8, ref vd, mb, mf);
            TVector.Mix(ref v3, ref v4, ref v9, ref ve, m8, m1);

            TVector.Mix(ref v0, ref v4, ref v8, ref vc, ma, m7);
            TVector.Mix(ref v1, ref v5, ref v9, ref vd, mc, m9);
            TVector.Mix(ref v2, ref v6, ref va, ref ve, me, m3);
            TVector.Mix(ref v3, ref v7, ref vb, ref vf, md, mf);
            TVector.Mix(ref v0, ref v5, ref va, ref vf, m4, m0);
            TVector.Mix(ref v1, ref v6, ref vb, ref vc, mb, m2);
            TVector.Mix(ref v2, ref v7, ref v8, ref vd, m5, m8);
            TVector.Mix(ref v3, ref v4, ref v9, ref ve, m1, m6);

            TVector.Mix(ref v0, ref v4, ref v8, ref vc, mc, md);
            TVector.Mix(ref v1, ref v5, ref v9, ref vd, m9, mb);
            TVector.Mix(ref v2, ref v6, ref va, ref ve, mf, ma);
            TVector.Mix(ref v3, ref v7, ref vb, ref vf, me, m8);
            TVector.Mix(ref v0, ref v5, ref va, ref vf, m7, m2);
            TVector.Mix(ref v1, ref v6, ref vb, ref vc, m5, m3);
            TVector.Mix(ref v2, ref v7, ref v8, ref vd, m0, m1);
            TVector.Mix(ref v3, ref v4, ref v9, ref ve, m6, m4);

            TVector.Mix(ref v0, ref v4, ref v8, ref vc, m9, me);
            TVector.Mix(ref v1, ref v5, ref v9, ref vd, mb, m5);
            TVector.Mix(ref v2, ref v6, ref va, ref ve, m8, mc);
            TVector.Mix(ref v3, ref v7, ref vb, ref vf, mf, m1);
            TVector.Mix(ref v0, ref v5, ref va, ref vf, md, m3);
            TVector.Mix(ref v1, ref v6, ref vb, ref vc, m0, ma);
            TVector.Mix(ref v2, ref v7, ref v8, ref vd, m2, m6);
            TVector.Mix(ref v3, ref v4, ref v9, ref ve, m4, m7);

            TVector.Mix(ref v0, ref v4, ref v8, ref vc, mb, mf);
            TVector.Mix(ref v1, ref v5, ref v9, ref vd, m5, m0);
            TVector.Mix(ref v2, ref v6, ref va, ref ve, m1, m9);
            TVector.Mix(ref v3, ref v7, ref vb, ref vf, m8, m6);
            TVector.Mix(ref v0, ref v5, ref va, ref vf, me, ma);
            TVector.Mix(ref v1, ref v6, ref vb, ref vc, m2, mc);
            TVector.Mix(ref v2, ref v7, ref v8, ref vd, m3, m4);
            TVector.Mix(ref v3, ref v4, ref v9, ref ve, m7, md);

            if (lanes.IsUniform)
            {
                h0 = TVector.Xor(v0, v8);
                h1 = TVector.Xor(v1, v9);
                h2 = TVector.Xor(v2, va);
                h3 = TVector.Xor(v3, vb);
                h4 = TVector.Xor(v4, vc);
                h5 = TVector.Xor(v5, vd);
                h6 = TVector.Xor(v6, ve);
                h7 = TVector.Xor(v7, vf);
            }
            else
            {
                var active = TVector.Load(ref lanes.Active[0]);
                h0 = TVector.Select(active, TVector.Xor(v0, v8), h0);
                h1 = TVector.Select(active, TVector.Xor(v1, v9), h1);
                h2 = TVector.Select(active, TVector.Xor(v2, va), h2);
                h3 = TVector.Select(active, TVector.Xor(v3, vb), h3);
                h4 = TVector.Select(active, TVector.Xor(v4, vc), h4);
                h5 = TVector.Select(active, TVector.Xor(v5, vd), h5);
                h6 = TVector.Select(active, TVector.Xor(v6, ve), h6);
                h7 = TVector.Select(active, TVector.Xor(v7, vf), h7);
            }
        }

        TVector.Store(ref output, ref lanes.Target[0], h0, h1, h2, h3, h4, h5, h6, h7);
    }
}
