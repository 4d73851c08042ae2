using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Posix;
using Vt.Stores.Platonic;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Import;

namespace Vt.Hosts.PlatonicHost;

/// <summary>
/// Brings what a platonic store knows of its folder up to date: an import that stores directories and indirect blocks, and indexes data where it lies. One at a
/// time per process; between processes the store's lock sees to that.
/// </summary>
/// <remarks>
/// In this order, each step durable before the next: the tree, in the meta store; the index; the archive's line. A crash in between leaves an index that knows
/// more than the tree does: what was read is found in it again.
/// </remarks>
/// <param name="store">The store; not disposed.</param>
/// <param name="options">How.</param>
public sealed class PlatonicScanner(PlatonicStore store, ScanOptions options)
{
    const uint FileMode = 0x1a4;

    readonly DirectoryNodeCache _cache = new();

    /// <summary>Scans.</summary>
    /// <param name="counters">Counts while it goes on; null where nobody looks.</param>
    /// <param name="scope">Which folders may have changed, those above them included; null for all.</param>
    /// <param name="workers">How many threads read and hash; 0 for as many as suit the machine.</param>
    /// <param name="cancellationToken">Stops it; what was read until then need not be read again.</param>
    /// <exception cref="UserErrorException">Another process scans, or the archive is mounted for writing.</exception>
    /// <exception cref="StoreUnavailableException">The folder, the index or the meta store can't be used.</exception>
    public async Task<ScanResult> ScanAsync(
        ImportCounters? counters = null, Func<byte[], bool>? scope = null, int workers = 0, CancellationToken cancellationToken = default)
    {
        await using var scan = store.TryStartScan()
            ?? throw new UserErrorException($"{store.Folder} is being scanned by another process, which is as good");
        var archive = new ArchiveFile(options.Archive, options.Clock, options.Boundary)
        {
            OnRestored = state => options.OnNotice?.Invoke($"{options.Archive} had lost a state of {state.Date}; it is in it again"),
        };
        if (archive.Exists)
            await archive.RestoreAsync(store, cancellationToken);
        var previous = archive.Exists ? archive.ReadLast()?.Root : null;
        if (previous is not null && scan.Tree != NameOf(previous))
        {
            scope = null;
            previous = await RebuildAsync(scan, previous, cancellationToken);
        }

        var started = options.Clock.GetTimestamp();
        counters ??= new ImportCounters();
        var result = await ImportAsync(scan, previous, counters, previous is null ? null : scope, workers, cancellationToken);
        if (result.NeedsAll)
        {
            counters = new ImportCounters();
            result = await ImportAsync(scan, previous, counters, null, workers, cancellationToken);
        }

        await scan.CompleteAsync(NameOf(result.Root), cancellationToken);
        var state = await AppendAsync(archive, result.Root, cancellationToken);
        NoteScan(counters, options.Clock.GetElapsedTime(started));
        return new ScanResult(result.Root, state, result.IsPartial);
    }

    // By all that its line in the archive says of it.
    string NameOf(Dirent root) => store.Hasher.Hash(Encoding.UTF8.GetBytes(root.ToString())).ToString();

    // The tree that the scan goes on from: none where it can't be read whole. What could be is indexed, and not read again.
    async Task<Dirent?> RebuildAsync(PlatonicScan scan, Dirent previous, CancellationToken cancellationToken)
    {
        options.OnNotice?.Invoke($"the index of {store.Folder} is made anew of the newest tree");
        var rebuild = new IndexRebuild(scan, previous);
        await rebuild.RunAsync(cancellationToken);

        // The import asks for files: it must not find what is noted here only once it has noted otherwise.
        await scan.SaveAsync(cancellationToken);
        if (!rebuild.IsPartial)
            return previous;
        options.OnNotice?.Invoke($"the newest tree of {store.Folder} can't be read whole: it is made anew of the files");
        return null;
    }

    async Task<ImportResult> ImportAsync(
        PlatonicScan scan, Dirent? previous, ImportCounters counters, Func<byte[], bool>? scope, int workers, CancellationToken cancellationToken)
    {
        var import = new ImportOptions
        {
            Delete = true,
            FollowSymlinks = options.FollowSymlinks,
            SkippedDirectories = [store.Layout.Root, .. options.SkippedDirectories],
            Counters = counters,
            OnIssue = options.OnIssue,
            InPlace = new FilesInPlace(scan),
            Scope = scope,
        };
        if (workers > 0)
            import = import with { Workers = workers };
        try
        {
            return await new Importer(scan.TreeStore, _cache).ImportAsync(LosslessText.ToBytes(store.Folder), previous, default, import, cancellationToken);
        }
        catch (PosixException failed) when (failed.Error is Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES)
        {
            throw new StoreUnavailableException(store.Description, failed.Message, isTransient: true, failed);
        }
    }

    async Task<ArchiveState?> AppendAsync(ArchiveFile archive, Dirent root, CancellationToken cancellationToken)
    {
        if (ArchiveHold.TryTake(options.Archive, LockKind.Shared, out var holder) is not { } hold)
            throw new UserErrorException($"{options.Archive} is mounted for writing, by process {holder.Process}: unmount it first");
        using (hold)
            return await archive.AppendAsync(root, store, cancellationToken);
    }

    // For people who ask; nothing rests on it.
    void NoteScan(ImportCounters counters, TimeSpan took)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Clock.GetUtcNow().ToUnixTimeSeconds()} {counters.Directories} {counters.Entries} {counters.BytesFound} {counters.FilesRead} {counters.BytesRead} {took.TotalMilliseconds:0}\n");
        PlatonicFiles.Replace(store.Layout.LastScan, text, FileMode);
    }
}
