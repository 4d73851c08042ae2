namespace Vt.Trees.Export;

/// <summary>Some entries that one worker makes together. Not thread-safe: the walker fills it and hands it on.</summary>
sealed class ExportBatch
{
    const int MostJobs = 512;
    const long MostBytes = 4 << 20;

    long _bytes;

    public List<ExportJob> Jobs { get; } = [];

    public bool IsFull => Jobs.Count >= MostJobs || _bytes >= MostBytes;

    public void Add(ExportJob job)
    {
        Jobs.Add(job);
        _bytes += job.Dirent?.Size ?? job.Link!.Size;
    }
}
