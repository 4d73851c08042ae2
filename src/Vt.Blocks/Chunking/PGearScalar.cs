namespace Vt.Blocks.Chunking;

/// <summary>Finds the candidates of <see cref="PGearRule"/> byte by byte, with a rolling hash: for machines without vectors.</summary>
static class PGearScalar
{
    static readonly ushort[] Incoming = Table(1);
    static readonly ushort[] Outgoing = Table(PGearRule.Power(PGearRule.Window));

    /// <summary>Finds candidates.</summary>
    /// <param name="data">32 bytes of warm-up and then the stretch.</param>
    /// <param name="bound">Gears below this make candidates.</param>
    /// <param name="candidates">Receives a bit for each byte of the stretch: the position behind it is a candidate.</param>
    public static void Find(ReadOnlySpan<byte> data, ushort bound, Span<ulong> candidates)
    {
        ReadOnlySpan<ushort> incoming = Incoming;
        ReadOnlySpan<ushort> outgoing = Outgoing;
        var leaving = data;
        var entering = data[PGearRule.Window..];
        leaving = leaving[..entering.Length];
        uint gear = 0;
        foreach (var b in data[..PGearRule.Window])
            gear = (gear * PGearRule.Base) + incoming[b];
        for (var start = 0; start < entering.Length; start += 64)
        {
            var end = Math.Min(64, entering.Length - start);
            ulong bits = 0;
            for (var i = 0; i < end; i++)
            {
                gear = (gear * PGearRule.Base) + (uint)(incoming[entering[start + i]] - outgoing[leaving[start + i]]);
                bits |= (ulong)(((gear & 0xffff) - bound) >> 31) << i;
            }

            candidates[start / 64] = bits;
        }
    }

    static ushort[] Table(ushort factor)
    {
        var table = new ushort[256];
        for (var b = 0; b < table.Length; b++)
            table[b] = (ushort)((PGearRule.LowNibble[b & 15] ^ PGearRule.HighNibble[b >> 4]) * factor);
        return table;
    }
}
