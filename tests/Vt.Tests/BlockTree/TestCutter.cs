using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Encoding;

namespace Vt.Tests.BlockTree;

/// <summary>The cut rule's contract in its simplest form: a hash over the last 16 bytes, and edges of runs.</summary>
sealed class TestCutter(ChunkingParameters parameters) : IChunkCutter
{
    public int Maximum => parameters.Maximum;

    public int Cut(ReadOnlySpan<byte> data, bool final)
    {
        Assert.True(final || data.Length == Maximum + IChunkCutter.Lookahead);
        var most = Math.Min(data.Length, Maximum);
        var runStart = RunStart(data);
        if (runStart > 0)
            most = Math.Min(most, runStart);
        for (var n = Math.Max(parameters.Minimum, 16); n < most; n++)
        {
            if (Mix64.Hash(data[(n - 16)..n]) < ulong.MaxValue / (ulong)(parameters.Average - parameters.Minimum))
                return n;
        }

        return most;
    }

    static int RunStart(ReadOnlySpan<byte> data)
    {
        var start = 0;
        for (var i = 1; i < data.Length; i++)
        {
            if (data[i] != data[start])
                start = i;
            else if (i - start + 1 == IChunkCutter.MinimumRun)
                return start;
        }

        return -1;
    }
}
