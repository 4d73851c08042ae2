using System.Runtime.CompilerServices;

namespace Vt.Blocks.Hashing;

/// <summary>
/// BLAKE3's compression over many leaves or parents at once, each in its own lane: vector i holds word i of all lanes. The one
/// text serves four and eight lanes; what differs is in the <see cref="IBlake3Vector{T}"/>s.
/// </summary>
/// <remarks>
/// Written for sixteen registers. The block's words and the third row of the state (v8 to vb) live in memory; the other three
/// rows, one vector of the third, one for rotating and the two masks of the byte rotations fill the registers exactly. The
/// third row was chosen because each step reads it once, early, and writes it before the rotations that end the step.
/// </remarks>
static class Blake3Kernel
{
    /// <summary>Bytes for twenty vectors of the widest that this kernel takes.</summary>
    public const int RoomLength = 20 * 32;

    const int V8 = 16;
    const int V9 = 17;
    const int VA = 18;
    const int VB = 19;

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
        ref var room = ref Unsafe.As<byte, T>(ref lanes.AlignedRoom);
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
            TVector.StartBlock(
                ref lanes.Length[0], ref lanes.EndFlags[0], block, block == 0 ? flags | startFlags : flags,
                out var ve, out var vf, out var active);
            TVector.LoadBlock(ref Unsafe.Add(ref input, block * Blake3Constants.BlockLength), ref lanes.Offset[0], ref room);
            Unsafe.Add(ref room, V8) = TVector.Broadcast(Blake3Constants.Iv0);
            Unsafe.Add(ref room, V9) = TVector.Broadcast(Blake3Constants.Iv1);
            Unsafe.Add(ref room, VA) = TVector.Broadcast(Blake3Constants.Iv2);
            Unsafe.Add(ref room, VB) = TVector.Broadcast(Blake3Constants.Iv3);
            var v0 = h0;
            var v1 = h1;
            var v2 = h2;
            var v3 = h3;
            var v4 = h4;
            var v5 = h5;
            var v6 = h6;
            var v7 = h7;
            var vc = TVector.Load(ref lanes.CounterLow[0]);
            var vd = TVector.Load(ref lanes.CounterHigh[0]);

            TVector.Mix(ref v0, ref v4, V8, ref vc, ref room, 0, 1);
            TVector.Mix(ref v1, ref v5, V9, ref vd, ref room, 2, 3);
            TVector.Mix(ref v2, ref v6, VA, ref ve, ref room, 4, 5);
            TVector.Mix(ref v3, ref v7, VB, ref vf, ref room, 6, 7);
            TVector.Mix(ref v0, ref v5, VA, ref vf, ref room, 8, 9);
            TVector.Mix(ref v1, ref v6, VB, ref vc, ref room, 10, 11);
            TVector.Mix(ref v2, ref v7, V8, ref vd, ref room, 12, 13);
            TVector.Mix(ref v3, ref v4, V9, ref ve, ref room, 14, 15);

            TVector.Mix(ref v0, ref v4, V8, ref vc, ref room, 2, 6);
            TVector.Mix(ref v1, ref v5, V9, ref vd, ref room, 3, 10);
            TVector.Mix(ref v2, ref v6, VA, ref ve, ref room, 7, 0);
            TVector.Mix(ref v3, ref v7, VB, ref vf, ref room, 4, 13);
            TVector.Mix(ref v0, ref v5, VA, ref vf, ref room, 1, 11);
            TVector.Mix(ref v1, ref v6, VB, ref vc, ref room, 12, 5);
            TVector.Mix(ref v2, ref v7, V8, ref vd, ref room, 9, 14);
            TVector.Mix(ref v3, ref v4, V9, ref ve, ref room, 15, 8);

            TVector.Mix(ref v0, ref v4, V8, ref vc, ref room, 3, 4);
            TVector.Mix(ref v1, ref v5, V9, ref vd, ref room, 10, 12);
            TVector.Mix(ref v2, ref v6, VA, ref ve, ref room, 13, 2);
            TVector.Mix(ref v3, ref v7, VB, ref vf, ref room, 7, 14);
            TVector.Mix(ref v0, ref v5, VA, ref vf, ref room, 6, 5);
            TVector.Mix(ref v1, ref v6, VB, ref vc, ref room, 9, 0);
            TVector.Mix(ref v2, ref v7, V8, ref vd, ref room, 11, 15);
            TVector.Mix(ref v3, ref v4, V9, ref ve, ref room, 8, 1);

            TVector.Mix(ref v0, ref v4, V8, ref vc, ref room, 10, 7);
            TVector.Mix(ref v1, ref v5, V9, ref vd, ref room, 12, 9);
            TVector.Mix(ref v2, ref v6, VA, ref ve, ref room, 14, 3);
            TVector.Mix(ref v3, ref v7, VB, ref vf, ref room, 13, 15);
            TVector.Mix(ref v0, ref v5, VA, ref vf, ref room, 4, 0);
            TVector.Mix(ref v1, ref v6, VB, ref vc, ref room, 11, 2);
            TVector.Mix(ref v2, ref v7, V8, ref vd, ref room, 5, 8);
            TVector.Mix(ref v3, ref v4, V9, ref ve, ref room, 1, 6);

            TVector.Mix(ref v0, ref v4, V8, ref vc, ref room, 12, 13);
            TVector.Mix(ref v1, ref v5, V9, ref vd, ref room, 9, 11);
            TVector.Mix(ref v2, ref v6, VA, ref ve, ref room, 15, 10);
            TVector.Mix(ref v3, ref v7, VB, ref vf, ref room, 14, 8);
            TVector.Mix(ref v0, ref v5, VA, ref vf, ref room, 7, 2);
            TVector.Mix(ref v1, ref v6, VB, ref vc, ref room, 5, 3);
            TVector.Mix(ref v2, ref v7, V8, ref vd, ref room, 0, 1);
            TVector.Mix(ref v3, ref v4, V9, ref ve, ref room, 6, 4);

            TVector.Mix(ref v0, ref v4, V8, ref vc, ref room, 9, 14);
            TVector.Mix(ref v1, ref v5, V9, ref vd, ref room, 11, 5);
            TVector.Mix(ref v2, ref v6, VA, ref ve, ref room, 8, 12);
            TVector.Mix(ref v3, ref v7, VB, ref vf, ref room, 15, 1);
            TVector.Mix(ref v0, ref v5, VA, ref vf, ref room, 13, 3);
            TVector.Mix(ref v1, ref v6, VB, ref vc, ref room, 0, 10);
            TVector.Mix(ref v2, ref v7, V8, ref vd, ref room, 2, 6);
            TVector.Mix(ref v3, ref v4, V9, ref ve, ref room, 4, 7);

            TVector.Mix(ref v0, ref v4, V8, ref vc, ref room, 11, 15);
            TVector.Mix(ref v1, ref v5, V9, ref vd, ref room, 5, 0);
            TVector.Mix(ref v2, ref v6, VA, ref ve, ref room, 1, 9);
            TVector.Mix(ref v3, ref v7, VB, ref vf, ref room, 8, 6);
            TVector.Mix(ref v0, ref v5, VA, ref vf, ref room, 14, 10);
            TVector.Mix(ref v1, ref v6, VB, ref vc, ref room, 2, 12);
            TVector.Mix(ref v2, ref v7, V8, ref vd, ref room, 3, 4);
            TVector.Mix(ref v3, ref v4, V9, ref ve, ref room, 7, 13);

            if (lanes.IsUniform)
            {
                h0 = TVector.Xor(v0, Unsafe.Add(ref room, V8));
                h1 = TVector.Xor(v1, Unsafe.Add(ref room, V9));
                h2 = TVector.Xor(v2, Unsafe.Add(ref room, VA));
                h3 = TVector.Xor(v3, Unsafe.Add(ref room, VB));
                h4 = TVector.Xor(v4, vc);
                h5 = TVector.Xor(v5, vd);
                h6 = TVector.Xor(v6, ve);
                h7 = TVector.Xor(v7, vf);
            }
            else
            {
                h0 = TVector.Select(active, TVector.Xor(v0, Unsafe.Add(ref room, V8)), h0);
                h1 = TVector.Select(active, TVector.Xor(v1, Unsafe.Add(ref room, V9)), h1);
                h2 = TVector.Select(active, TVector.Xor(v2, Unsafe.Add(ref room, VA)), h2);
                h3 = TVector.Select(active, TVector.Xor(v3, Unsafe.Add(ref room, VB)), h3);
                h4 = TVector.Select(active, TVector.Xor(v4, vc), h4);
                h5 = TVector.Select(active, TVector.Xor(v5, vd), h5);
                h6 = TVector.Select(active, TVector.Xor(v6, ve), h6);
                h7 = TVector.Select(active, TVector.Xor(v7, vf), h7);
            }
        }

        TVector.Store(ref output, ref lanes.Target[0], h0, h1, h2, h3, h4, h5, h6, h7);
    }
}
