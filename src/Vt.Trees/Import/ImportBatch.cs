namespace Vt.Trees.Import;

/// <summary>Steps of the walker that go on together, and the files among them that are read together.</summary>
sealed class ImportBatch
{
    const int MostSteps = 2048;
    const int MostJobs = 512;

    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many bytes of files are read together.</summary>
    public const long MostBytes = 4 << 20;

    /// <summary>What the walker found, in order.</summary>
    public List<ImportStep> Steps { get; } = [];

    /// <summary>The files to read.</summary>
    public List<FileJob> Jobs { get; } = [];

    /// <summary>Their sizes, in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether nothing more should be added.</summary>
    public bool IsFull => Steps.Count >= MostSteps || Jobs.Count >= MostJobs || Bytes >= MostBytes;

    /// <summary>Completes when all jobs are done.</summary>
    public Task Done => _done.Task;

    /// <summary>Adds a file to read.</summary>
    public void Add(FileJob job)
    {
        job.Directory.Hold();
        Jobs.Add(job);
        Bytes += job.Target?.Length ?? job.Status.Size;
    }

    /// <summary>All jobs are done.</summary>
    public void Complete() => _done.TrySetResult();

    /// <summary>The jobs can't be done.</summary>
    public void Fail(Exception cause) => _done.TrySetException(cause);

    /// <summary>Lets go of the directories.</summary>
    public void ReleaseDirectories()
    {
        foreach (var job in Jobs)
            job.Directory.Release();
    }
}
