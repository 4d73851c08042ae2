using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files.Inodes;
using Vt.Files.Reading;
using Vt.Files.Virtual;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using DirectoryReader = Vt.Trees.Directories.DirectoryReader;

namespace Vt.Files;

/// <summary>
/// File-system semantics over one tree that never changes: what a read-only mount does, without a kernel. Safe from any
/// thread. Missing or damaged blocks are EIO for whoever asked for them, one line in the log, and nothing else.
/// </summary>
public sealed partial class ReadOnlyFileSystem : IDisposable
{
    // Of a larger folder attributes go along with names only once somebody asked for some: the kernel makes an inode of each.
    const int EagerEntries = 10_000;

    readonly IBlockStore _store;
    readonly DirectoryReader _directories;
    readonly DirectoryTable _table = new();
    readonly ReaderCache<NodeId> _readers;
    readonly VirtualFiles _virtual;
    readonly ReadOnlyFileSystemOptions _options;
    readonly FaultLog _faults;
    readonly DirectoryReader _rootReader;
    volatile Top _top;

    /// <summary>Shows a tree.</summary>
    /// <param name="store">Where its blocks are; not disposed.</param>
    /// <param name="root">The root: a directory, whose <see cref="Dirent.Inodes"/> is the tree's inode table.</param>
    /// <param name="options">How.</param>
    /// <param name="rootReader">Reads the root directory itself where that lies in another store, as a listing of states does.</param>
    public ReadOnlyFileSystem(IBlockStore store, Dirent root, ReadOnlyFileSystemOptions? options = null, DirectoryReader? rootReader = null)
    {
        if (root.Kind != DirentKind.Directory)
            throw new UserErrorException("only a directory can be mounted");
        _store = store;
        _options = options ?? new ReadOnlyFileSystemOptions();
        _faults = new FaultLog(_options.Log);
        _directories = new DirectoryReader(store, new DirectoryNodeCache(_options.DirectoryCacheBytes));
        var readAhead = new ReadAheadBudget(_options.ReadAheadBytes);
        _readers = new ReaderCache<NodeId>(store, readAhead);
        _virtual = new VirtualFiles(_options.Formats, _directories, readAhead);
        _rootReader = rootReader ?? _directories;
        _top = new Top(root, OpenRoot(root));
    }

    OpenDirectory RootDirectory => _top.Directory;

    /// <summary>The root directory has other entries now, as a listing of states has when there is a new one. What is known of the old ones stays.</summary>
    /// <param name="root">The root.</param>
    public void ReplaceRoot(Dirent root)
    {
        var old = _top;
        _top = new Top(root, OpenRoot(root));
        _table.Supersede(old.Directory);
    }

    /// <summary>How many directories the kernel holds entries of; for tests of its forgetting.</summary>
    internal int DirectoriesInUse => _table.Count;

    /// <summary>How many virtual files are in use; for tests of forgetting.</summary>
    internal int VirtualInUse => _virtual.Count;

    /// <summary>Finds a name; the caller holds a lookup of what it leads to.</summary>
    public ValueTask<Outcome<FoundNode>> LookupAsync(NodeId directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default) =>
        GuardAsync(directory, "looking up a name", async () =>
        {
            var opened = await OpenAsync(directory, cancellationToken);
            if (!opened.Succeeded)
                return opened.Error;
            if (name.Span.SequenceEqual("..."u8))
                return await LookupEarlierAsync(directory, opened.Value, cancellationToken);
            if (opened.Value.Names is not null)
                return await LookupNamedAsync(opened.Value, name, cancellationToken);
            if (await opened.Value.Reader.FindAsync(opened.Value.Content, DirectoryOrder.Names, name, cancellationToken) is not { } entry)
                return IsPassing(directory, name.Span) ? EnterNamed(opened.Value, VersionsName.ToArray(), new NamedEntry(_options.Versions, null)) : Errno.ENOENT;
            opened.Value.IsLookedInto = true;
            if (entry.Dirent.Kind == DirentKind.Whiteout)
                return Errno.ENOENT;
            if (entry.Dirent.Kind != DirentKind.Indirect)
                return (Outcome<FoundNode>)Enter(opened.Value, entry.Position, entry.Dirent);
            return await FindInodeAsync(opened.Value, entry.Dirent, cancellationToken) is { } inode
                ? Enter(inode.Table, inode.Position, inode.Dirent)
                : throw new FormatInvalidException("a hard link names an inode that the tree does not have");
        });

    /// <summary>Takes back lookups of a node.</summary>
    public void Forget(NodeId node, ulong count)
    {
        if (VirtualFiles.MayBe(node))
            _virtual.Forget(node, count);
        else
            _table.Forget(node, count);
    }

    /// <summary>What stat(2) tells of a node.</summary>
    public ValueTask<Outcome<InodeAttributes>> GetattrAsync(NodeId node, CancellationToken cancellationToken = default) =>
        GuardAsync<InodeAttributes>(node, "reading attributes", async () =>
        {
            if (VirtualFiles.MayBe(node))
                return _virtual.Getattr(node) is { } made ? made : Errno.ESTALE;
            var found = await DirentAsync(node, cancellationToken);
            return found.Succeeded ? Attributes(NumberOf(node, found.Value), found.Value) : found.Error;
        });

    /// <summary>The entries of a directory from a position on.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="position">How many entries to pass over.</param>
    /// <param name="wanted">About how many are of use; there may be more or fewer.</param>
    /// <param name="withNodes">
    /// Whether <see cref="ListedEntries.Enter"/> will be called. Far into a large directory whose names nobody looks up there are
    /// no nodes all the same.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The entries, as they lie together, in order; none behind the last one.</returns>
    public ValueTask<Outcome<ListedEntries[]>> ListAsync(
        NodeId directory, long position, int wanted, bool withNodes, CancellationToken cancellationToken = default) =>
        GuardAsync<ListedEntries[]>(directory, "listing a directory", async () =>
        {
            var opened = await OpenAsync(directory, cancellationToken);
            if (!opened.Succeeded)
                return opened.Error;
            if (opened.Value.Names is not null)
                return await ListNamedAsync(opened.Value, position, wanted, cancellationToken);
            withNodes &= position < EagerEntries || opened.Value.IsLookedInto;
            var pages = await opened.Value.Reader.PagesAtAsync(opened.Value.Content, position, wanted, cancellationToken);
            var listed = new ListedEntries[pages.Count];
            for (var i = 0; i < listed.Length; i++)
                listed[i] = new ListedEntries(this, opened.Value, pages[i], withNodes ? await InodesOfAsync(directory, opened.Value, pages[i], cancellationToken) : null);
            return listed;
        });

    /// <summary>The inode numbers of a directory and of the one above it: those of <c>.</c> and <c>..</c>.</summary>
    public async ValueTask<Outcome<(ulong Own, ulong Parent)>> DotNumbersAsync(NodeId directory, CancellationToken cancellationToken = default)
    {
        var opened = await GuardAsync(directory, "opening a directory", () => OpenAsync(directory, cancellationToken));
        return opened.Succeeded ? (opened.Value.InodeNumber, opened.Value.ParentInodeNumber) : opened.Error;
    }

    /// <summary>The store's numbers, as statfs(2) shows them; null of a store that doesn't know.</summary>
    public StoreCapacity? GetCapacity() => (_store as IStoreCapacity)?.GetCapacity();

    /// <inheritdoc/>
    public void Dispose()
    {
        _readers.Dispose();
        _virtual.Dispose();
    }

    internal FoundNode Enter(OpenDirectory directory, long position, Dirent dirent)
    {
        var node = _table.Enter(directory, position);
        return new FoundNode(node, Attributes(NumberOf(directory, dirent), dirent));
    }

    // What a node is. Node ids that nobody holds answer ESTALE.
    async ValueTask<Outcome<Dirent>> DirentAsync(NodeId node, CancellationToken cancellationToken)
    {
        if (node == NodeId.Root)
            return _top.Dirent;
        if (_table.Find(node.Directory) is not { } directory)
            return Errno.ESTALE;
        if (directory.Only is not null)
            return directory.Only;
        var page = await directory.Reader.PageAtAsync(directory.Content, directory.Order, node.Position, cancellationToken);
        return page is { } found ? found.DirentAt(0) : Errno.ESTALE;
    }

    /// <summary>The inodes that a page's hard links name; null for other entries and for what is damaged.</summary>
    async ValueTask<FoundInode?[]> InodesOfAsync(NodeId directory, OpenDirectory opened, DirectoryPage page, CancellationToken cancellationToken)
    {
        var inodes = new FoundInode?[page.Count];
        for (var i = 0; i < inodes.Length; i++)
        {
            if (page.KindAt(i) == DirentKind.Indirect)
                inodes[i] = await TryFindInodeAsync(directory, opened, page.DirentAt(i), cancellationToken);
        }

        return inodes;
    }

    async ValueTask<Outcome<OpenDirectory>> OpenAsync(NodeId node, CancellationToken cancellationToken)
    {
        if (node == NodeId.Root)
            return RootDirectory;
        if (_table.Find(node, DirectoryRole.Entries) is { } open)
            return open;
        var dirent = await DirentAsync(node, cancellationToken);
        if (!dirent.Succeeded)
            return dirent.Error;
        if (dirent.Value.Kind != DirentKind.Directory)
            return Errno.ENOTDIR;
        if (_table.Find(node.Directory) is not { } parent)
            return Errno.ESTALE;
        return Open(node, parent, NumberOf(parent, dirent.Value), dirent.Value);
    }

    OpenDirectory OpenRoot(Dirent root) => new()
    {
        Number = _table.NextNumber(),
        Node = NodeId.Root,
        Parent = NodeId.Root,
        InodeNumber = InodeNumbers.Root,
        ParentInodeNumber = InodeNumbers.Root,
        Role = DirectoryRole.Entries,
        Content = root.Content,
        Inodes = root.Inodes,
        Reader = _rootReader,
    };

    // A state's root brings its own inode table along; whatever lies below goes by its parent's.
    OpenDirectory Open(NodeId node, OpenDirectory parent, ulong number, Dirent dirent) => new()
    {
        Number = _table.NextNumber(),
        Node = node,
        Parent = parent.Node,
        InodeNumber = number,
        ParentInodeNumber = parent.InodeNumber,
        Role = DirectoryRole.Entries,
        Content = dirent.Content,
        Inodes = dirent.Inodes.Span > 0 ? dirent.Inodes : parent.Inodes,
        Reader = parent.Role == DirectoryRole.Named ? parent.Reader : parent.Reader == _rootReader ? _directories : parent.Reader,
        Names = parent.OnlyFolder,
        Salt = parent is { Role: DirectoryRole.Named, OnlyFolder: null } ? number : parent.Salt,
    };

    async ValueTask<FoundInode?> FindInodeAsync(OpenDirectory directory, Dirent link, CancellationToken cancellationToken)
    {
        if (link.Uuid is not { } uuid)
            return null;
        var key = uuid.ToByteArray(bigEndian: true);
        if (await TableReader(directory).FindAsync(directory.Inodes, DirectoryOrder.Uuids, key, cancellationToken) is not { } found)
            return null;
        var table = InodeTable(directory);
        return new FoundInode(table, found.Position, found.Dirent);
    }

    // A listing shows the names of inodes that can't be read too; whoever looks one up meets the fault.
    async ValueTask<FoundInode?> TryFindInodeAsync(NodeId node, OpenDirectory directory, Dirent link, CancellationToken cancellationToken)
    {
        try
        {
            return await FindInodeAsync(directory, link, cancellationToken);
        }
        catch (Exception e) when (IsFault(e))
        {
            await SayAsync(node, "reading an inode", e.Message);
            return null;
        }
    }

    // One directory for each inode table, so that all names of an inode lead to one node.
    OpenDirectory InodeTable(OpenDirectory of)
    {
        var inodes = of.Inodes;
        var node = new NodeId(((ulong)uint.MaxValue << 32) | (uint)HashCode.Combine(inodes, of.Salt));
        return _table.Find(node, DirectoryRole.InodeTable) ?? new OpenDirectory
        {
            Number = _table.NextNumber(),
            Node = node,
            Parent = NodeId.Root,
            InodeNumber = InodeNumbers.Root,
            ParentInodeNumber = InodeNumbers.Root,
            Role = DirectoryRole.InodeTable,
            Content = inodes,
            Inodes = inodes,
            Reader = TableReader(of),
            Salt = of.Salt,
        };
    }

    DirectoryReader TableReader(OpenDirectory directory) => directory.Reader == _rootReader ? _directories : directory.Reader;

    static ulong NumberOf(OpenDirectory directory, Dirent dirent) =>
        dirent.Uuid is { } uuid ? InodeNumbers.Of(uuid, directory.Salt)
        : directory.Role == DirectoryRole.InodeTable ? InodeNumbers.Of(new Guid(dirent.Name.Span, bigEndian: true), directory.Salt)
        : InodeNumbers.Of(directory.InodeNumber, directory.Role == DirectoryRole.Earlier ? "..."u8 : dirent.Name.Span);

    ulong NumberOf(NodeId node, Dirent dirent) =>
        node == NodeId.Root || _table.Find(node.Directory) is not { } directory ? InodeNumbers.Root : NumberOf(directory, dirent);

    InodeAttributes Attributes(ulong number, Dirent dirent)
    {
        var meta = dirent.Metadata;
        var modified = meta.ModificationTime ?? default;
        var changed = meta.ChangeTime ?? modified;
        var size = dirent.Kind is DirentKind.File or DirentKind.Symlink or DirentKind.Directory ? dirent.Content.Span : 0;
        return new InodeAttributes
        {
            Number = number,
            Mode = DirentModes.TypeOf(dirent.Kind) | meta.Mode,
            Links = Math.Max(1, meta.LinkCount),
            Uid = _options.Uid ?? _options.Identities?.User(meta.Uid) ?? meta.Uid,
            Gid = _options.Gid ?? _options.Identities?.Group(meta.Gid) ?? meta.Gid,
            DeviceMajor = meta.Device?.Major ?? 0,
            DeviceMinor = meta.Device?.Minor ?? 0,
            Size = size,
            Blocks = BlocksOf(dirent, size),
            Accessed = meta.AccessTime is { } accessed ? (accessed.Seconds, accessed.Nanoseconds) : null,
            Modified = (modified.Seconds, modified.Nanoseconds),
            Changed = (changed.Seconds, changed.Nanoseconds),
            Born = meta.BirthTime is { } born ? (born.Seconds, born.Nanoseconds) : null,
        };
    }

    // As a file system with pages for blocks counts: a file of one byte takes one, and only holes take none.
    static long BlocksOf(Dirent dirent, long size)
    {
        const long page = 4096;
        const long sectorsOfPage = page / 512;
        var holes = dirent.Content is { Kind: BlockRefKind.Run, RunByte: 0 } ? size : (long)Math.Min(dirent.Metadata.HoleSpan, (ulong)size);
        return (size - holes + page - 1) / page * sectorsOfPage;
    }

    // Every operation goes through here: what the store could not give is EIO and a line that names it.
    async ValueTask<Outcome<T>> GuardAsync<T>(NodeId node, string doing, Func<ValueTask<Outcome<T>>> operation)
    {
        try
        {
            return await operation();
        }
        catch (Exception e) when (IsFault(e))
        {
            await SayAsync(node, doing, e.Message);
            return Errno.EIO;
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }
    }

    static bool IsFault(Exception e) =>
        e is BlockMissingException or BlockCorruptException or FormatInvalidException or StoreUnavailableException or IOException;

    // The reads of one damaged block are many, and their one cause is said once.
    async ValueTask SayAsync(NodeId node, string doing, string fault) =>
        _faults.Say($"{await NameOfAsync(node)}: {doing}: {fault}", $"{node.Value:x} {fault}");

    async ValueTask<string> NameOfAsync(NodeId node)
    {
        try
        {
            if (await PathAsync(node, CancellationToken.None) is { } path)
                return path.Length == 0 ? "/" : LosslessText.FromBytes(path);
        }
        catch (Exception e) when (IsFault(e))
        {
            // The way there is damaged as well.
        }

        return $"inode {node.Value:x}";
    }

    sealed record Top(Dirent Dirent, OpenDirectory Directory);
}
