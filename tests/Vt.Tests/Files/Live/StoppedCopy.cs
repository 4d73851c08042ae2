using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Tests.Support;

namespace Vt.Tests.Files.Live;

/// <summary>A copy of a bed's archive and state folder as they are when the so many-th write boundary is crossed: what a kill there would leave.</summary>
/// <param name="bed">The bed.</param>
/// <param name="stop">Which boundary, from 1.</param>
sealed class StoppedCopy(LiveBed bed, int stop) : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly Lock _crossing = new();
    int _left = stop;
    int _done;

    /// <summary>To be crossed by the archive that is copied.</summary>
    public WriteBoundary Boundary => new((_, _, _) =>
    {
        // Whoever else crosses one meanwhile waits.
        lock (_crossing)
        {
            if (--_left != 0)
                return;
            Acknowledged = Volatile.Read(ref _done);
            bed.CopyTo(_folder.Path);
        }
    });

    /// <summary>How many steps had been acknowledged at the boundary.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Whether the boundary was crossed, and there was an archive by then.</summary>
    public bool HasArchive => File.Exists(_folder["0.vt"]);

    /// <summary>One step more is acknowledged.</summary>
    public void Acknowledge() => Interlocked.Increment(ref _done);

    /// <summary>Opens the copy.</summary>
    public ValueTask<LiveArchive> OpenAsync() =>
        LiveArchive.OpenAsync(bed.Store, _folder["0.vt"], null, new LiveFileSystemOptions { CheckpointInterval = TimeSpan.FromDays(1) });

    public void Dispose() => _folder.Dispose();
}
