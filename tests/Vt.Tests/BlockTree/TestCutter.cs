using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Encoding;

namespace Vt.Tests.BlockTree;

/// <summary>The cut rule's contract in its simplest form: a hash over the last 64 bytes, and edges of runs.</summary>
sealed class TestCutter(ChunkingParameters parameters) : IChunkCutter
{
    static readonly ulong[] Gear = MakeGear();

    public int Maximum => parameters.Maximum;

    public int Cut(ReadOnlySpan<byte> data, bool final)
    {
        Assert.True(final || data.Length == Maximum + IChunkCutter.Lookahead);
        var most = Math.Min(data.Length, Maximum);
        var runStart = RunStart(data);
        if (runStart > 0)
            most = Math.Min(most, runStart);
        // A shifted sum forgets bytes after 64 steps, and starts with the chunk.
        var threshold = ulong.MaxValue / (ulong)(parameters.Average - parameters.Minimum);
        ulong sum = 0;
        for (var n = 1; n < most; n++)
        {
            sum = (sum << 1) + Gear[data[n - 1]];
            if (n >= parameters.Minimum && sum < threshold)
                return n;
        }

        return most;
    }

    // A run covers a whole half-run window, wherever it starts.
    static int RunStart(ReadOnlySpan<byte> data)
    {
        const int Half = IChunkCutter.MinimumRun / 2;
        for (var at = 0; at + Half <= data.Length; at += Half)
        {
            var value = data[at];
            if (data.Slice(at, Half).IndexOfAnyExcept(value) >= 0)
                continue;
            var start = data[..at].LastIndexOfAnyExcept(value) + 1;
            var length = data[start..].IndexOfAnyExcept(value);
            if ((length < 0 ? data.Length - start : length) >= IChunkCutter.MinimumRun)
                return start;
        }

        return -1;
    }

    static ulong[] MakeGear()
    {
        var gear = new ulong[256];
        for (var i = 0; i < gear.Length; i++)
            gear[i] = Mix64.Finish((ulong)i + 1);
        return gear;
    }
}
