using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files.Access;
using Vt.Files.BackedFiles;
using Vt.Files.Checkpoints;
using Vt.Files.Inodes;
using Vt.Files.Journal;
using Vt.Files.Virtual;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <summary>
/// A file system that can be written: POSIX semantics over a stored tree, what changed being kept in a log until a checkpoint makes
/// blocks of it. Needs no kernel. Safe from any thread. See doc/design/005-live.md for how it works.
/// </summary>
/// <remarks>
/// Who may do what is for the caller to check, as the kernel does with <c>default_permissions</c>; what depends on an inode's state
/// (types, emptiness, names, space) is checked here. What <see cref="FsyncAsync"/> has acknowledged survives the death of the process and of
/// the machine.
/// </remarks>
public sealed partial class LiveFileSystem : IAsyncDisposable
{
    const int LongestTarget = 4095;

    readonly IBlockStore _store;
    readonly LiveFileSystemOptions _options;
    readonly IdentityMap? _identities;
    readonly LiveLog _log;
    readonly LiveTree _tree;
    readonly ChangeGate _gate;
    readonly RecordWriter _record = new(); // guarded by the tree's gate
    readonly RecordWriter _places = new(); // likewise
    readonly List<Inode> _bound = []; // those that the record under way binds; guarded by the tree's gate
    readonly DirectoryReader _directories;
    readonly FaultLog _faults;
    readonly Checkpointer _checkpointer;
    readonly EarlyStorer _early;
    readonly Throttle _throttle;
    (IAsyncDisposable Storer, IDisposable Sources) _owned;

    LiveFileSystem(
        IBlockStore store, LiveLog log, LiveTree tree, DirectoryReader directories, Checkpointer checkpointer, ContentStorer contents, ChangeGate gate, LiveFileSystemOptions options)
    {
        _store = store;
        _log = log;
        _tree = tree;
        _gate = gate;
        _directories = directories;
        _checkpointer = checkpointer;
        _options = options;
        _identities = options.Identities;
        _faults = new FaultLog(options.Log);
        _early = new EarlyStorer(store, tree, gate, checkpointer, contents, TakeStored);
        _throttle = new Throttle(() => StorableBytes(log, tree), checkpointer, _early, options.MostUnstored);
    }

    // How much waits for a checkpoint: not what is of files without names, which none stores.
    static long StorableBytes(LiveLog log, LiveTree tree) => log.UnstoredBytes is > 0 and var bytes ? Math.Max(0, bytes - tree.NamelessBytes) : 0;

    /// <summary>How many records of an earlier run were found in the log and done once more.</summary>
    public long Replayed { get; private init; }

    IReadOnlyList<Func<CacheFigures>> _caches = [];
    FreeSpace _space = null!; // set by the opening

    /// <summary>Once it has ended: whether all that was done is in the last checkpoint, so that the log is not needed.</summary>
    internal bool IsAllStored { get; private set; }

    /// <summary>Whether there are local names; asked once it has ended.</summary>
    internal bool HasLocalNames => _tree.Locals.Count > 0;

    /// <summary>The log's epoch.</summary>
    internal uint Epoch => _log.Epoch;

    /// <summary>How many inodes are in memory; for tests of forgetting.</summary>
    internal int InodesInMemory => _tree.InMemory;

    /// <summary>
    /// Finds a name; the caller holds a lookup of what it leads to. The name <c>.</c> finds the node itself, also one that the caller has given all
    /// lookups back of, and <c>..</c> the directory above it: for who kept a handle of a file (open_by_handle_at(2), an NFS server).
    /// </summary>
    public ValueTask<Outcome<FoundNode>> LookupAsync(NodeId directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default)
    {
        if (name.Span is [(byte)'.'] or [(byte)'.', (byte)'.'])
            return IsVirtual(directory) ? LookupKeptVirtualAsync(directory, isAbove: name.Length == 2) : LookupKeptAsync(directory, isAbove: name.Length == 2, cancellationToken);
        if (TryFindDirectory(directory, out var inode) is var error && error != Errno.OK)
            return RefuseAsync<FoundNode>(error);
        if (name.Length > Dirent.LongestName)
            return RefuseAsync<FoundNode>(Errno.ENAMETOOLONG);
        var resolution = _tree.ResolveAsync(inode, name, 1, cancellationToken);
        return resolution.IsCompletedSuccessfully ? new(FoundOf(resolution.Result)) : GuardAsync(inode, "looking up a name", async () => FoundOf(await resolution));
    }

    ValueTask<Outcome<FoundNode>> LookupKeptAsync(NodeId node, bool isAbove, CancellationToken cancellationToken) =>
        GuardAsync<FoundNode>(_tree.Root, "finding a file by its number", async () =>
        {
            if (await _tree.ResolveNodeAsync(node, cancellationToken) is not { } inode)
                return Errno.ENOENT;

            // What has no name is open nowhere, or the kernel would know it: it is here only until the kernel's word of that has come.
            if (inode.IsOrphan)
            {
                Forget(inode.Node, 1);
                return Errno.ENOENT;
            }

            if (!isAbove)
                return Found(inode);
            var above = _tree.EnterAbove(inode);
            Forget(inode.Node, 1);
            return above is null ? Errno.ENOENT : Found(above);
        });

    /// <summary>Finds a folder by its path; the caller holds a lookup of it. Symbolic links are not followed.</summary>
    /// <param name="path">Names with slashes between; empty for the root.</param>
    /// <param name="cancellationToken">Gives up waiting for the store.</param>
    /// <returns>The folder; null where there is none.</returns>
    /// <exception cref="PosixException">The store can't say; the reason is in the log.</exception>
    public async ValueTask<NodeId?> FindFolderAsync(ReadOnlyMemory<byte> path, CancellationToken cancellationToken = default)
    {
        var at = NodeId.Root;
        foreach (var range in RangesOf(path))
        {
            if (path[range].IsEmpty)
                continue;
            var found = await LookupAsync(at, path[range], cancellationToken);
            if (at != NodeId.Root)
                Forget(at, 1);
            if (found.Error is Errno.ENOENT or Errno.ENOTDIR or Errno.ENAMETOOLONG)
                return null;
            if (!found.Succeeded)
                throw new PosixException(found.Error, "lookup", LosslessText.FromBytes(path.Span));
            at = found.Value.Node;
        }

        return TryFindDirectory(at, out _) == Errno.OK ? at : null;
    }

    /// <summary>Takes back lookups of a node.</summary>
    public void Forget(NodeId node, ulong count)
    {
        if (VirtualFiles.MayBe(node))
            _virtual.Forget(node, count);
        _tree.Forget(node, count);
    }

    /// <summary>What stat(2) tells of a node.</summary>
    public ValueTask<Outcome<InodeAttributes>> GetattrAsync(NodeId node, CancellationToken cancellationToken = default)
    {
        if (VirtualFiles.MayBe(node) && _virtual.Getattr(node) is { } made)
            return new((Outcome<InodeAttributes>)made);
        if (_tree.Find(node) is not { } inode)
            return RefuseAsync<InodeAttributes>(Errno.ESTALE);
        if (inode.File is not { } file || file.TryGetHoleSpan(out _))
            return new(AttributesOf(inode));
        return GuardAsync<InodeAttributes>(inode, "reading attributes", async () =>
        {
            await file.GetHoleSpanAsync(cancellationToken);
            return AttributesOf(inode);
        });
    }

    /// <summary>A symbolic link's target.</summary>
    public ValueTask<Outcome<ReadOnlyMemory<byte>>> ReadlinkAsync(NodeId node, CancellationToken cancellationToken = default)
    {
        if (_tree.Find(node) is not { } inode)
            return RefuseAsync<ReadOnlyMemory<byte>>(Errno.ESTALE);
        if (inode.Kind != DirentKind.Symlink)
            return RefuseAsync<ReadOnlyMemory<byte>>(Errno.EINVAL);
        return GuardAsync(inode, "reading a symbolic link", async () =>
        {
            var target = new byte[(int)Math.Min(inode.Stored.Span, LongestTarget)];
            await new BlockTreeReader(_store, inode.Stored).ReadAsync(0, target, cancellationToken);
            return (Outcome<ReadOnlyMemory<byte>>)(ReadOnlyMemory<byte>)target;
        });
    }

    /// <summary>What statfs(2) tells.</summary>
    public StoreCapacity Statfs() => _space.Now();

    /// <summary>How it stands.</summary>
    public LiveStatus GetStatus()
    {
        var (inodes, bytes) = _tree.CountLocals();
        return StatusOf(inodes, bytes);
    }

    LiveStatus StatusOf(long localInodes, long localBytes) => new()
    {
        UnstoredBytes = _log.UnstoredBytes,
        LocalInodes = localInodes,
        LocalBytes = localBytes,
        LogFileBytes = _log.FileBytes,
        UnsyncedRecords = _log.LastSequence - _log.DurableSequence,
        InodesInMemory = _tree.InMemory,
        Checkpoints = _checkpointer.Count,
        LastCheckpointDuration = _checkpointer.LastDuration,
        IsStoringFailing = _checkpointer.IsFailing,
        StoredEarlyBytes = _early.StoredBytes,
        FlatCopies = _flat.Count,
        FlatBytes = _flat.Bytes,
        FlatReads = _flat.Reads,
        Caches = [.. _caches.Select(static read => read()), .. (_store as ICached)?.ReadCaches() ?? []],
        Lag = (_store as IStoreLag)?.GetLag(),
        ReplayedRecords = Replayed,
    };

    /// <summary>The path of a node from the root, for messages.</summary>
    public string PathOf(NodeId node) => _tree.Find(node) is { } inode ? PathOf(inode) : $"node {node.Value}";

    /// <summary>Makes everything that was done before the call durable: fsync(2), fdatasync(2), of whatever file or directory.</summary>
    /// <remarks>All of it lies in one log, so what one file needs is what all need. An earlier failure to store what was written is told here.</remarks>
    public async ValueTask<Errno> FsyncAsync(NodeId node, CancellationToken cancellationToken = default)
    {
        try
        {
            if (_tree.Find(node) is { File: { } file, IsLocal: false } inode && file.FrontBytes >= EarlyStorer.Least)
                await _early.TryStoreAsync(inode, cancellationToken);
            await _log.CommitAsync(_log.LastSequence, cancellationToken);
            return _checkpointer.TakeFailure();
        }
        catch (PosixException fault)
        {
            return fault.Error;
        }
        catch (StoreFullException)
        {
            return Errno.ENOSPC;
        }
        catch (Exception fault) when (IsFault(fault))
        {
            _faults.Say($"fsync: {fault.Message}", fault.Message);
            return Errno.EIO;
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }
    }

    /// <summary>Stores everything that has changed and makes a state of it: a checkpoint.</summary>
    /// <returns>Whether there was anything to store.</returns>
    /// <exception cref="IOException">What was to be stored can't be; it stays in the log.</exception>
    public ValueTask<bool> CheckpointAsync(CancellationToken cancellationToken = default) => _checkpointer.RunAsync(cancellationToken);

    /// <summary>Ends: a last checkpoint, which leaves the log empty. Where the store fails everything stays in the log for the next mount.</summary>
    public async ValueTask DisposeAsync()
    {
        await _early.DisposeAsync();
        await _checkpointer.DisposeAsync();
        IsAllStored = !_tree.HasChanges && !_tree.HasLocalChanges;
        await _owned.Storer.DisposeAsync();
        _owned.Sources.Dispose();
        _flat.Dispose();
        _virtual.Dispose();
        await _log.DisposeAsync();
        _record.Dispose();
        _places.Dispose();
    }

    static List<Range> RangesOf(ReadOnlyMemory<byte> path)
    {
        var ranges = new List<Range>();
        foreach (var range in path.Span.Split((byte)'/'))
            ranges.Add(range);
        return ranges;
    }

    static ValueTask<Outcome<T>> RefuseAsync<T>(Errno error) => new((Outcome<T>)error);

    Outcome<FoundNode> FoundOf(in Resolution resolution) => resolution.Inode is { } inode ? Found(inode) : Errno.ENOENT;

    FoundNode Found(Inode inode) => new(inode.Node, AttributesOf(inode));

    Errno TryFindDirectory(NodeId node, out Inode directory)
    {
        directory = _tree.Find(node)!;
        if (directory is null)
            return Errno.ESTALE;
        return directory.Directory is null ? Errno.ENOTDIR : Errno.OK;
    }

    InodeAttributes AttributesOf(Inode inode)
    {
        InodeStatus status;
        long size, holes;
        lock (inode.Gate)
        {
            status = inode.Status;
            size = inode.File?.Size ?? inode.Stored.Span;
            holes = inode.StoredHoles;
        }

        // Where the holes have to be counted in the store first, the numbers before will do: who asks for them alone waits.
        if (inode.File is { } file && file.TryGetHoleSpan(out var counted))
            holes = counted;
        var directory = inode.Directory;
        if (directory is not null)
            size = DirectorySize;
        return new InodeAttributes
        {
            Number = inode.Number,
            Mode = DirentModes.TypeOf(inode.Kind) | status.Mode,
            Links = directory is null ? inode.Links : inode.IsOrphan ? 0 : (uint)(2 + directory.Subdirectories),
            Uid = _identities?.User(status.Uid) ?? status.Uid,
            Gid = _identities?.Group(status.Gid) ?? status.Gid,
            DeviceMajor = inode.Device?.Major ?? 0,
            DeviceMinor = inode.Device?.Minor ?? 0,
            Size = size,
            Blocks = BlocksOf(inode, size, holes) + ((inode.File?.ReservedBytes ?? 0) / SectorSize),
            Accessed = status.Accessed is { } read ? (read.Seconds, read.Nanoseconds) : null,
            Modified = (status.Modified.Seconds, status.Modified.Nanoseconds),
            Changed = (status.Changed.Seconds, status.Changed.Nanoseconds),
            Born = status.Born is { } born ? (born.Seconds, born.Nanoseconds) : null,
        };
    }

    const int DirectorySize = 4096;

    const int SectorSize = 512;

    static long BlocksOf(Inode inode, long size, long holes)
    {
        const long page = 4096;
        const long sectorsOfPage = page / SectorSize;
        if (inode.Kind is not (DirentKind.File or DirentKind.Directory))
            return 0;
        return (Math.Max(0, size - holes) + page - 1) / page * sectorsOfPage;
    }

    // Who asks, by the numbers that are stored.
    Caller Stored(Caller caller) => _identities is { } map ? new Caller(map.User(caller.Uid), map.Group(caller.Gid)) : caller;

    Timestamp Now() => Timestamp.From(_options.Clock.GetUtcNow());

    // Tells of the place of an inode if no record of this epoch has; under the tree's gate, in a record that was begun.
    void Bind(Inode inode)
    {
        if (IsTold(inode))
            return;
        var chain = new Stack<Inode>();
        for (var at = inode; at is not null && !IsTold(at); at = at.Parent)
            chain.Push(at);

        // Of a place too deep for one record others tell, which stand for themselves.
        while (chain.Count > MostPlaces)
        {
            var told = new List<Inode>(MostPlaces);
            _places.Begin(Now());
            while (told.Count < MostPlaces)
            {
                told.Add(chain.Pop());
                Bind(_places, told[^1]);
            }

            _log.Append(_places.Written);
            told.ForEach(one => one.BoundEpoch = _tree.Epoch);
        }

        while (chain.TryPop(out var next))
        {
            Bind(_record, next);
            _bound.Add(next);
        }
    }

    const int MostPlaces = 256;

    bool IsTold(Inode inode) => inode.BoundEpoch == _tree.Epoch || inode.Id == NodeId.Root || _bound.Contains(inode);

    static void Bind(RecordWriter record, Inode inode)
    {
        if (inode.Parent is { } parent)
            record.Bind(inode.Id, parent.Id, inode.Name);
        else
            record.BindIndirect(inode.Id, inode.Uuid ?? throw new InvalidOperationException($"{inode} has no place that a record could tell"));
    }

    // Goes on in another record where one gets long: for what need not be one change.
    void SplitRecord()
    {
        if (_record.Written.Length < LogFrame.LongestRecord / 2)
            return;
        Append();
        _record.Begin(Now());
    }

    // The record is in the log, or nothing has happened. Only then may others speak of what it binds.
    void Append()
    {
        try
        {
            _log.Append(_record.Written);
            foreach (var inode in _bound)
                inode.BoundEpoch = _tree.Epoch;
        }
        finally
        {
            _bound.Clear();
        }
    }

    // Every operation that may wait goes through here: what the store could not give is EIO and a line that names it.
    async ValueTask<Outcome<T>> GuardAsync<T>(Inode inode, string doing, Func<ValueTask<Outcome<T>>> operation)
    {
        try
        {
            return await operation();
        }
        catch (PosixException fault) when (fault.Error is Errno.ENOSPC or Errno.EDQUOT)
        {
            return fault.Error;
        }
        catch (StoreFullException)
        {
            return Errno.ENOSPC;
        }
        catch (Exception e) when (IsFault(e))
        {
            _faults.Say($"{PathOf(inode)}: {doing}: {e.Message}", $"{inode.Number:x} {e.Message}");
            return Errno.EIO;
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }
    }

    static bool IsFault(Exception e) =>
        e is BlockMissingException or BlockCorruptException or FormatInvalidException or StoreUnavailableException or PosixException or IOException;

    string PathOf(Inode inode)
    {
        lock (_tree.Gate)
        {
            var names = new Stack<byte[]>();
            for (var at = inode; at.Parent is { } parent; at = parent)
                names.Push(at.Name);
            return names.Count == 0 && inode.Id != NodeId.Root ? $"inode {inode.Number}" : "/" + string.Join('/', names.Select(static name => LosslessText.FromBytes(name)));
        }
    }
}
