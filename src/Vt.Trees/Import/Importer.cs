using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;
using Vt.Trees.Tar.Reading;
using Vt.Trees.Work;

namespace Vt.Trees.Import;

/// <summary>
/// Brings a tree from the disk into a store. One thread walks, several read, hash and store, one makes the directories; all
/// queues between them are bounded. An unchanged tree gives the very root that it gave before. What the store has lost of the previous state is
/// stored again, as far as the source still has it.
/// </summary>
/// <remarks>
/// Memory: per worker one buffer of 5 MiB and what its large-file writer takes (about 4 MiB), at most eight batches of
/// dirents, about 500 bytes for each inode with several names, and about 40 bytes for each name of a directory that the walker is in.
/// </remarks>
public sealed class Importer
{
    const int MostWorkers = 8;

    readonly IBlockStore _store;
    readonly DirectoryReader _reader;

    /// <summary>Imports into a store.</summary>
    /// <param name="store">The store; not disposed.</param>
    /// <param name="cache">Keeps directory nodes of the previous state; null for one of its own.</param>
    public Importer(IBlockStore store, DirectoryNodeCache? cache = null)
    {
        _store = store;
        _reader = new DirectoryReader(store, cache ?? new DirectoryNodeCache());
    }

    /// <summary>Imports a tree, or a single file.</summary>
    /// <param name="source">Its path, in bytes.</param>
    /// <param name="previous">The previous state's root; null where there is none.</param>
    /// <param name="path">Where in the tree it goes, names with slashes between; empty for the root.</param>
    /// <param name="options">What is taken and how; null for the defaults.</param>
    /// <param name="cancellationToken">Stops at any time; what was stored until then stays and is found again by the next import.</param>
    /// <returns>The new root. All of it is durable.</returns>
    /// <exception cref="UserErrorException">The path leads through something that is no directory.</exception>
    /// <exception cref="PosixException">The source itself can't be read.</exception>
    public async ValueTask<ImportResult> ImportAsync(
        ReadOnlyMemory<byte> source,
        Dirent? previous = null,
        ReadOnlyMemory<byte> path = default,
        ImportOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var told = new ToldIssues(options?.OnIssue);
        options = (options ?? new ImportOptions()) with { OnIssue = told.Tell };
        var notes = _store as IDamageNotes;
        var isKnown = notes is null or { HasDamage: true };
        try
        {
            return await ImportOnceAsync(source, previous, path, options, cancellationToken);
        }
        catch (Exception fault) when (!isKnown && PreviousCheck.IsDamage(fault) && notes!.HasDamage)
        {
            // The previous state proved damaged, which the store knows from now on: the second attempt goes around it.
            options.Counters?.Restart();
            return await ImportOnceAsync(source, previous, path, options, cancellationToken);
        }
    }

    /// <summary>Imports the files of a tar archive, from its first byte to its last; it may be compressed by gzip or zstd.</summary>
    /// <param name="archive">The archive; read only ahead, and not disposed.</param>
    /// <param name="previous">The previous state's root; null where there is none.</param>
    /// <param name="path">Where in the tree its files go, names with slashes between; empty for the root.</param>
    /// <param name="options">What is taken and how; null for the defaults.</param>
    /// <param name="cancellationToken">Stops at any time; what was stored until then stays and is found again by the next import.</param>
    /// <returns>The new root. All of it is durable.</returns>
    /// <exception cref="UserErrorException">The path leads through something that is no directory, or the archive is compressed in another way.</exception>
    /// <exception cref="FormatInvalidException">It is no archive, it is damaged, or it ends within a member.</exception>
    /// <exception cref="InvalidDataException">What it is compressed to is damaged.</exception>
    public async ValueTask<ImportResult> ImportTarAsync(
        Stream archive, Dirent? previous = null, ReadOnlyMemory<byte> path = default, ImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ImportOptions();
        using var session = await ImportSession.StartAsync(_store, _reader, previous, options, cancellationToken);
        var place = await TreePlace.FindAsync(_reader, previous, path, cancellationToken);
        await using var plain = await TarInput.OpenAsync(archive, cancellationToken);
        using var taker = new TarTaker(session, new TarReader(plain));
        await taker.RunAsync(cancellationToken);
        using var assembly = new TreeAssembly(session);
        using (var work = new WorkGroup(cancellationToken))
        {
            work.Start(async stop => await new TarWalker(session).RunAsync(taker.Tree.Root, place.Existing, stop));
            work.Start(async stop => await assembly.RunAsync(stop));
            await work.WhenEndedAsync();
            work.ThrowIfFailed();
        }

        return await CompleteAsync(session, place, assembly.Root!, taker.IsPartial || assembly.IsPartial, cancellationToken);
    }

    async ValueTask<ImportResult> ImportOnceAsync(
        ReadOnlyMemory<byte> source, Dirent? previous, ReadOnlyMemory<byte> path, ImportOptions options, CancellationToken cancellationToken)
    {
        using var session = await ImportSession.StartAsync(_store, _reader, previous, options, cancellationToken);
        var place = await TreePlace.FindAsync(_reader, previous, path, cancellationToken);
        using var assembly = new TreeAssembly(session);
        await RunAsync(session, assembly, source, place.Existing, cancellationToken);
        var made = assembly.Root ?? place.Existing ?? throw new UserErrorException($"nothing of {PathText.Of(source.Span)} can be read");
        return await CompleteAsync(session, place, made, assembly.IsPartial, cancellationToken);
    }

    async ValueTask<ImportResult> CompleteAsync(ImportSession session, TreePlace place, Dirent made, bool isPartial, CancellationToken cancellationToken)
    {
        var now = Timestamp.From(session.Options.Clock.GetUtcNow());
        var root = await place.PutAsync(made, now, new DirectoryEditor(_reader, session.TreeBatch), cancellationToken);
        root = root with { Name = default, Inodes = await session.Links.CompleteAsync(cancellationToken) };
        await session.TreeBatch.DrainAsync(cancellationToken);
        await _store.FlushAsync(cancellationToken);
        return new ImportResult(root, isPartial, session.Counters.Blocks + session.TreeBatch.Counts) { NeedsAll = session.NeedsAll };
    }

    static async Task RunAsync(
        ImportSession session, TreeAssembly assembly, ReadOnlyMemory<byte> source, Dirent? previous, CancellationToken cancellationToken)
    {
        using var work = new WorkGroup(cancellationToken);
        work.Start(async stop =>
        {
            await using var walker = new TreeWalker(session);
            await walker.RunAsync(source, previous, stop);
        });
        work.Start(async stop => await assembly.RunAsync(stop));
        for (var i = 0; i < WorkersFor(session); i++)
            work.Start(stop => WorkAsync(session, stop));
        await work.WhenEndedAsync();
        while (session.Work.Reader.TryRead(out var left))
            left.ReleaseDirectories();
        work.ThrowIfFailed();
    }

    static int WorkersFor(ImportSession session) =>
        Math.Max(1, session.Options.Workers ?? (session.Store.IsDistant ? MostWorkers : Math.Clamp(Environment.ProcessorCount, 1, MostWorkers)));

    static async ValueTask WorkAsync(ImportSession session, CancellationToken cancellationToken)
    {
        using var worker = new ContentWorker(session);
        await foreach (var batch in session.Work.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await worker.RunAsync(batch, cancellationToken);
                batch.Complete();
            }
            finally
            {
                batch.ReleaseDirectories();
            }

            // The pool has few threads, and the walker and the assembly want their turns.
            await Task.Yield();
        }
    }
}
