namespace Vt.Trees.Export;

/// <summary>Some entries that one worker makes together. Not thread-safe: the walker fills it and hands it on.</summary>
sealed class ExportBatch
{
    const int MostJobs = 512;

    // Each holds a descriptor open until its jobs are done.
    const int MostDirectories = 64;
    const long MostBytes = 4 << 20;

    ExportDirectory? _last;
    int _directories;
    long _bytes;

    public List<ExportJob> Jobs { get; } = [];

    public bool IsFull => Jobs.Count >= MostJobs || _directories >= MostDirectories || _bytes >= MostBytes;

    public void Add(ExportJob job)
    {
        Jobs.Add(job);
        _bytes += job.Dirent?.Size ?? job.Link!.Size;
        if (!ReferenceEquals(_last, job.Directory))
            _directories++;
        _last = job.Directory;
    }
}
