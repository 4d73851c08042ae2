namespace Vt.Stores.DataDir.Inspection;

/// <summary>Counts what verification's threads have done and tells it on, at most every few MiB.</summary>
/// <param name="progress">Who is told; null for nobody.</param>
/// <param name="faults">The faults so far.</param>
/// <param name="totalBytes">Bytes of packs that there are.</param>
sealed class VerifyMeter(IProgress<VerifyProgress>? progress, FaultList faults, long totalBytes)
{
    const long Step = 4 << 20;

    long _bytes;
    long _blocks;
    long _reportedAt;

    /// <summary>Bytes so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Blocks so far.</summary>
    public long Blocks => Interlocked.Read(ref _blocks);

    /// <summary>Counts on.</summary>
    public void Advance(long bytes, long blocks)
    {
        Interlocked.Add(ref _blocks, blocks);
        var now = Interlocked.Add(ref _bytes, bytes);
        var reported = Interlocked.Read(ref _reportedAt);
        if (now - reported >= Step && Interlocked.CompareExchange(ref _reportedAt, now, reported) == reported)
            Report();
    }

    /// <summary>Tells how far it is.</summary>
    public void Report() => progress?.Report(new VerifyProgress(Bytes, totalBytes, Blocks, faults.Count));
}
