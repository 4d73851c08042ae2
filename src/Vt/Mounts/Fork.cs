using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;

namespace Vt.Mounts;

/// <summary>
/// A tree's copy that is thrown away at the end: an archive in a folder of its own, <c>forks/ID</c> below basedir, which goes with this. What a crash has left goes with
/// the next one that is made.
/// </summary>
sealed class Fork : IAsyncDisposable
{
    const string FolderName = "forks";
    const string ArchiveName = "fork.vt";

    readonly IRefStore? _refs;
    readonly string _folder;

    Fork(string folder, IRefStore? refs)
    {
        _folder = folder;
        _refs = refs;
    }

    /// <summary>The archive.</summary>
    public string Archive => Path.Combine(_folder, ArchiveName);

    /// <summary>Makes a copy, which shares all blocks.</summary>
    /// <param name="context">The command.</param>
    /// <param name="store">The store.</param>
    /// <param name="root">The tree.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Fork> MakeAsync(CommandContext context, IBlockStore store, Dirent root, CancellationToken cancellationToken)
    {
        var forks = Path.Combine(context.Configuration.BaseDirectory.Value, FolderName);
        var refs = store as IRefStore;
        await SweepAsync(forks, refs, cancellationToken);
        var fork = new Fork(Directory.CreateDirectory(Path.Combine(forks, Guid.NewGuid().ToString("N"))).FullName, refs);
        var isDone = false;
        try
        {
            await new ArchiveFile(fork.Archive, context.Surroundings.Clock, context.Boundary).AppendAsync(root, refs, cancellationToken);
            isDone = true;
            return fork;
        }
        finally
        {
            if (!isDone)
                await fork.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var archive = new ArchiveFile(Archive, TimeProvider.System);
        if (_refs is not null && archive.Exists && !archive.IsUnfinished)
            await ArchiveRegistration.EndAsync(_refs, archive.ReadId(), "fork thrown away");
        Directory.Delete(_folder, recursive: true);
    }

    // A fork is held from its mount on; one that is being made now is younger than a minute.
    static async Task SweepAsync(string forks, IRefStore? refs, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(forks))
            return;
        foreach (var folder in Directory.GetDirectories(forks))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var archive = Path.Combine(folder, ArchiveName);
            if (Directory.GetCreationTimeUtc(folder) > TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromMinutes(1))
                continue;
            using var hold = File.Exists(archive) ? ArchiveHold.TryTake(archive, LockKind.Exclusive, out _) : null;
            if (hold is null && File.Exists(archive))
                continue;
            try
            {
                await new Fork(folder, refs).DisposeAsync();
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatInvalidException or UserErrorException)
            {
                // Another's, or another is at it.
            }
        }
    }
}
