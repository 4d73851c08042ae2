namespace Vt.Stores.DataDir.Packs;

/// <summary>
/// Tells bytes that no entropy coder can shrink from a sample of 16 stripes of 256 bytes: their histogram is as flat as chance makes it.
/// It costs a twentieth of what the compressor would take to find out the same.
/// </summary>
static class IncompressibleProbe
{
    const int Stripes = 16;
    const int Stripe = 256;
    const int Sample = Stripes * Stripe;

    // What n independent uniform bytes give on average: n + n(n - 1) / 256; with a tenth of tolerance.
    const long Threshold = (long)((Sample + (Sample * (Sample - 1L) / 256)) * 1.10);

    /// <summary>Whether compression is not worth a try.</summary>
    public static bool IsIncompressible(ReadOnlySpan<byte> data)
    {
        if (data.Length < Sample)
            return false;
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        var step = (data.Length - Stripe) / (Stripes - 1);
        for (var stripe = 0; stripe < Stripes; stripe++)
        {
            foreach (var b in data.Slice(stripe * step, Stripe))
                counts[b]++;
        }

        long squares = 0;
        foreach (var count in counts)
            squares += (long)count * count;
        return squares < Threshold;
    }
}
