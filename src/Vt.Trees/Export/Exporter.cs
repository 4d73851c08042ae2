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
/// files: one for each level of the tree, and at most 64 for each batch under way.
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
    /// <returns>What could not be brought back; the rest was. Nothing is flushed to the disk.</returns>
    /// <exception cref="PosixException">The destination can't be made or opened.</exception>
    /// <exception cref="UserErrorException">The disk is full, or the destination is no name for a file.</exception>
    /// <exception cref="StoreUnavailableException">The store can't answer.</exception>
    public async ValueTask<ExportResult> ExportAsync(
        Dirent root,
        BlockRef inodes,
        ReadOnlyMemory<byte> destination,
        ExportOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var session = new ExportSession(_store, _cache, options ?? new ExportOptions());
        var restorer = new TreeRestorer(session, inodes);
        if (root.Metadata.Xattrs.IsStored)
        {
            var xattrs = await StoredXattrs.LoadAsync(root.Metadata.Xattrs, _store, cancellationToken);
            root = root with { Metadata = root.Metadata with { Xattrs = xattrs } };
        }

        if (root.Kind == DirentKind.Directory)
        {
            var top = OpenTop(session, destination.Span, root);
            await RunAsync(session, token => restorer.RunAsync(top, root.Content, token), cancellationToken);
        }
        else
        {
            var (parent, name) = OpenParent(session, destination);
            await RunAsync(session, token => restorer.RunSingleAsync(parent, name, root, token), cancellationToken);
        }

        return session.Result;
    }

    /// <summary>Exports to a path given as text.</summary>
    /// <inheritdoc cref="ExportAsync(Dirent, BlockRef, ReadOnlyMemory{byte}, ExportOptions?, CancellationToken)"/>
    public ValueTask<ExportResult> ExportAsync(
        Dirent root, BlockRef inodes, string destination, ExportOptions? options = null, CancellationToken cancellationToken = default) =>
        ExportAsync(root, inodes, Encoding.UTF8.GetBytes(destination), options, cancellationToken);

    static ExportDirectory OpenTop(ExportSession session, ReadOnlySpan<byte> path, Dirent root)
    {
        var error = PosixFile.TryMkdirAt(FileDescriptor.CurrentDirectory, path, 0x1c0);
        if (error is not Errno.OK and not Errno.EEXIST)
            throw PosixException.For(error, "mkdir", path);
        var file = PosixFile.Open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        var isOurs = error == Errno.OK || session.Options.Overwrite || IsEmpty(file);
        return new ExportDirectory(session, null, default, file, session.GroupOfNew(file), isOurs ? root : null);
    }

    static (ExportDirectory Parent, ReadOnlyMemory<byte> Name) OpenParent(ExportSession session, ReadOnlyMemory<byte> path)
    {
        var slash = path.Span.LastIndexOf((byte)'/');
        var name = path[(slash + 1)..];
        if (name.IsEmpty || Dirent.CheckName(name.Span) is not null)
            throw new UserErrorException($"{PathText.Of(path.Span)} is no name for a file; give one");
        var above = slash < 0 ? "."u8 : path.Span[..Math.Max(slash, 1)];
        var file = PosixFile.Open(above, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        return (new ExportDirectory(session, null, default, file, session.GroupOfNew(file), null), name);
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
