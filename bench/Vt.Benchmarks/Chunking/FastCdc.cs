using Vt.Blocks.Encoding;

namespace Vt.Benchmarks.Chunking;

/// <summary>
/// FastCDC with normalised chunking of level 2 (Xia et al. 2020), byte by byte: the yardstick for how well our rule finds
/// duplicates. Not used by any store.
/// </summary>
sealed class FastCdc
{
    readonly ulong[] _gear = new ulong[256];
    readonly int _minimum;
    readonly int _average;
    readonly int _maximum;
    readonly ulong _strict;
    readonly ulong _lax;

    /// <summary>Cuts around a power of two.</summary>
    public FastCdc(int bits)
    {
        _average = 1 << bits;
        _minimum = _average / 4;
        _maximum = _average * 4;
        _strict = Mask(bits + 2);
        _lax = Mask(bits - 2);
        for (var i = 0; i < _gear.Length; i++)
            _gear[i] = Mix64.Finish((ulong)i + 1);
    }

    /// <summary>The length of the first chunk.</summary>
    public int Cut(ReadOnlySpan<byte> data)
    {
        if (data.Length <= _minimum)
            return data.Length;
        var limit = Math.Min(data.Length, _maximum);
        ulong hash = 0;
        for (var i = _minimum; i < limit; i++)
        {
            hash = (hash << 1) + _gear[data[i]];
            if ((hash & (i < _average ? _strict : _lax)) == 0)
                return i + 1;
        }

        return limit;
    }

    static ulong Mask(int bits) => ((1UL << bits) - 1) << (64 - bits);
}
