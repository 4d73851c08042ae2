using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Work;

namespace Vt.Trees.Export;

/// <summary>
/// Brings a tree from a store back to the disk: content with its holes, links, owners, permissions, attributes, times. One
/// thread walks, several fetch and write. Nothing is ever made outside the destination, whatever the tree or the destination holds.
/// </summary>
/// <remarks>
/// Memory: per worker 4 MiB of blocks; about 500 bytes for each inode with several names whose names have not all come by. Open
/// files: 64 directories, whatever the tree's depth, and one for each worker.
/// </remarks>
public sealed class Exporter
{
    readonly IBlockStore _store;
    readonly DirectoryNodeCache _cache;

    /// <summary>Exports from a store.</summary>
    /// <param name="store">The store; not disposed.</param>
    /// <param name="cache">Keeps directory nodes; null for one of its own.</param>
    public Exporter(IBlockStore store, DirectoryNodeCache? cache = null)
    {
        _store = store;
        _cache = cache ?? new DirectoryNodeCache();
    }

    /// <summary>Exports a tree, or a single file.</summary>
    /// <param name="root">What to restore.</param>
    /// <param name="inodes">The inode table of the root that it was found below: that root's <see cref="Dirent.Inodes"/>.</param>
    /// <param name="destination">
    /// The path, in bytes. A tree becomes this directory, which is made where it isn't there; one that has entries already keeps
    /// its own permissions unless things are to be overwritten. Anything else becomes a file of this path.
    /// </param>
    /// <param name="options">What it may do and how; null for the defaults.</param>
    /// <param name="cancellationToken">Stops at any time; no file is left half under its own name.</param>
    /// <returns>What could not be brought back; the rest was, and is durable.</returns>
    /// <exception cref="PosixException">The destination can't be made or opened, or what was written can't be made durable.</exception>
    /// <exception cref="UserErrorException">
    /// The destination is no name for a file, or another export goes there and one of the two may overwrite.
    /// </exception>
    /// <exception cref="StoreUnavailableException">The store can't answer.</exception>
    public async ValueTask<ExportResult> ExportAsync(
        Dirent root,
        BlockRef inodes,
        ReadOnlyMemory<byte> destination,
        ExportOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        using var session = new ExportSession(_store, _cache, options ?? new ExportOptions());
        if (root.Metadata.Xattrs.IsStored)
        {
            var xattrs = await StoredXattrs.LoadAsync(root.Metadata.Xattrs, _store, cancellationToken);
            root = root with { Metadata = root.Metadata with { Xattrs = xattrs } };
        }

        var restorer = new TreeRestorer(session, inodes);
        var isTree = root.Kind == DirentKind.Directory;
        var path = isTree ? destination : FolderOf(destination);
        using var file = isTree ? OpenTop(path.Span) : PosixFile.Open(path.Span, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        Lock(session, file, destination.Span);
        var isOurs = isTree && (session.Options.Overwrite || IsEmpty(file));
        if (session.MayClean)
            TemporaryNames.Clean(file);
        if (isOurs)
        {
            AccessLists.Remove(file);
            MetadataRestorer.LetFill(file);
        }

        var top = new ExportDirectory(session, null, default, session.Probe(file), isOurs ? root : null)
        {
            GivesAccessLists = AccessLists.AreInherited(file),
        };

        // The destination's own pin, which lasts to the end.
        session.Directories.Hold(top, file);
        await RunAsync(
            session,
            token => isTree ? restorer.RunAsync(top, root.Content, token) : restorer.RunSingleAsync(top, NameOf(destination), root, token),
            cancellationToken);
        PosixFile.Syncfs(file);
        return session.Complete();
    }

    /// <summary>Exports to a path given as text.</summary>
    /// <inheritdoc cref="ExportAsync(Dirent, BlockRef, ReadOnlyMemory{byte}, ExportOptions?, CancellationToken)"/>
    public ValueTask<ExportResult> ExportAsync(
        Dirent root, BlockRef inodes, string destination, ExportOptions? options = null, CancellationToken cancellationToken = default) =>
        ExportAsync(root, inodes, Encoding.UTF8.GetBytes(destination), options, cancellationToken);

    static FileDescriptor OpenTop(ReadOnlySpan<byte> path)
    {
        var error = PosixFile.TryMkdirAt(FileDescriptor.CurrentDirectory, path, 0x1c0);
        if (error is not Errno.OK and not Errno.EEXIST)
            throw PosixException.For(error, "mkdir", path);
        return PosixFile.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    }

    static ReadOnlyMemory<byte> NameOf(ReadOnlyMemory<byte> path) => path[(path.Span.LastIndexOf((byte)'/') + 1)..];

    static ReadOnlyMemory<byte> FolderOf(ReadOnlyMemory<byte> path)
    {
        var name = NameOf(path);
        if (name.IsEmpty || Dirent.CheckName(name.Span) is not null)
            throw new UserErrorException($"{PathText.Of(path.Span)} is no name for a file; give one");
        var slash = path.Length - name.Length - 1;
        return slash < 0 ? "."u8.ToArray() : path[..Math.Max(slash, 1)];
    }

    // Exports to one destination don't mind each other, but one that may replace things has it for itself.
    static void Lock(ExportSession session, FileDescriptor file, ReadOnlySpan<byte> destination)
    {
        var kind = session.Options.Overwrite ? LockKind.Exclusive : LockKind.Shared;
        try
        {
            if (!Locks.Flock(file, kind, wait: false))
                throw new UserErrorException($"another export to {PathText.Of(destination)} is running; wait for its end");
            session.MayClean = session.Options.Overwrite;
        }
        catch (PosixException)
        {
            // A file system without locks: what is there of temporary names may belong to somebody, and stays.
        }
    }

    static bool IsEmpty(FileDescriptor directory)
    {
        using var names = new DirectoryListing(directory);
        return !names.MoveNext();
    }

    static async Task RunAsync(ExportSession session, Func<CancellationToken, ValueTask> walk, CancellationToken cancellationToken)
    {
        using var work = new WorkGroup(cancellationToken);
        work.Start(async stop =>
        {
            await walk(stop);
            session.Work.Writer.Complete();
        });
        for (var i = 0; i < Math.Max(1, session.Options.Workers); i++)
            work.Start(stop => WorkAsync(session, stop));
        await work.WhenEndedAsync();
        work.ThrowIfFailed();
    }

    static async ValueTask WorkAsync(ExportSession session, CancellationToken cancellationToken)
    {
        using var restorer = new FileRestorer(session);
        await foreach (var batch in session.Work.Reader.ReadAllAsync(cancellationToken))
        {
            await restorer.RunAsync(batch, cancellationToken);

            // The pool has few threads, and the walker wants its turns.
            await Task.Yield();
        }
    }
}
