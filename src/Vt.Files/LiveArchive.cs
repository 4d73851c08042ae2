using Vt.Blocks.Contracts;
using Vt.Files.Checkpoints;
using Vt.Files.Journal;
using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <summary>An archive that is open for writing: the newest state's tree as a live file system, whose checkpoints become states.</summary>
/// <remarks>
/// At a checkpoint, each step durable before the next: the tree's blocks; the state folder's root, with the line that the archive is to get; the line. A
/// crash between the last two is made good by the next opening.
/// </remarks>
public sealed partial class LiveArchive : ICheckpointKeeper, IAsyncDisposable
{
    /// <summary>What the name of an archive's state folder has behind the archive's.</summary>
    public const string StateFolderExtension = ".live";

    static readonly TimeSpan HolderPatience = TimeSpan.FromSeconds(3);
    static readonly TimeSpan HolderPause = TimeSpan.FromMilliseconds(50);

    const uint NewRootMode = 0x1ed;

    readonly LiveFolder _folder;
    readonly IRefStore? _refs;
    readonly TimeProvider _clock;
    readonly Action<string>? _say;
    readonly WriteBoundary? _boundary;
    readonly bool _isAppendOnly;
    ArchiveFile _archive;
    ArchiveHold _hold;
    Guid _id;
    LiveFileSystem? _files;
    Dirent? _base;
    LocalState _local = LocalState.None;

    LiveArchive(ArchiveFile archive, ArchiveHold hold, LiveFolder folder, IRefStore? refs, Guid id, LiveFileSystemOptions options)
    {
        _archive = archive;
        _hold = hold;
        _folder = folder;
        _refs = refs;
        _id = id;
        _clock = options.Clock;
        _say = options.Log;
        _boundary = options.Boundary;
        _isAppendOnly = options.IsAppendOnly;
    }

    /// <summary>The file system.</summary>
    public LiveFileSystem Files => _files!;

    /// <summary>Opens an archive, which is made if there is none, and replays what a crash has left.</summary>
    /// <param name="store">Where its blocks are; not disposed.</param>
    /// <param name="path">The archive file.</param>
    /// <param name="stateFolder">The state folder; null for the one beside the archive.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">The archive is open for writing already, or is no archive, or its state folder is another's.</exception>
    /// <exception cref="FormatInvalidException">The state folder is damaged.</exception>
    public static async ValueTask<LiveArchive> OpenAsync(
        IBlockStore store, string path, string? stateFolder, LiveFileSystemOptions options, CancellationToken cancellationToken = default)
    {
        var hold = await HoldAsync(path, options.Clock, cancellationToken);
        LiveFolder? folder = null;
        var isOpen = false;
        try
        {
            var archive = new ArchiveFile(path, options.Clock, options.Boundary);
            var refs = store as IRefStore;
            if (archive.IsUnfinished)
                await archive.AppendAsync(NewRoot(options.Clock, options.Owner), refs, cancellationToken);
            else if (refs is not null)
                await archive.RestoreAsync(refs, cancellationToken);
            var id = archive.ReadId();
            var place = stateFolder ?? path + StateFolderExtension;
            await AwaitHolderAsync(place, options.Clock, cancellationToken);
            folder = LiveFolder.Open(place, id, path, options.Boundary);
            var live = new LiveArchive(archive, hold, folder, refs, id, options);
            live._files = await live.OpenFilesAsync(store, options, cancellationToken);
            isOpen = true;
            return live;
        }
        finally
        {
            if (!isOpen)
            {
                folder?.Dispose();
                hold.Dispose();
            }
        }
    }

    /// <summary>Whether changes of a mount that died wait in an archive's state folder, beside the archive.</summary>
    /// <param name="path">The archive file.</param>
    public static bool HasWaitingChanges(string path) => LiveFolder.HasLog(path + StateFolderExtension);

    /// <summary>The root of a tree that has nothing in it yet: a folder that all may read and its owner may write.</summary>
    /// <param name="clock">Now.</param>
    /// <param name="owner">Whose it is.</param>
    public static Dirent NewRoot(TimeProvider clock, (uint Uid, uint Gid) owner)
    {
        var now = Timestamp.From(clock.GetUtcNow());
        return new Dirent
        {
            Kind = DirentKind.Directory,
            Metadata = new Metadata
            {
                Mode = NewRootMode,
                Uid = owner.Uid,
                Gid = owner.Gid,
                ModificationTime = now,
                ChangeTime = now,
                BirthTime = now,
                LinkCount = 2,
            },
        };
    }

    /// <summary>Ends the file system, with a last checkpoint, and lets go of the state folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _hold.SayEnding();
        try
        {
            if (_files is not null)
            {
                await _files.DisposeAsync();
                if (_files.IsAllStored)
                    Clear(_files.Epoch);
            }
        }
        finally
        {
            _folder.Dispose();
            _hold.Dispose();
        }
    }

    /// <inheritdoc/>
    async ValueTask ICheckpointKeeper.KeepAsync(Dirent? root, uint firstEpoch, LocalState local, CancellationToken cancellationToken)
    {
        _local = local;
        if (root is null)
        {
            Write(_base, firstEpoch, null);
            return;
        }

        await KeepAsync(root, firstEpoch, local, cancellationToken);
    }

    // umount(8) returns before the server has stored what had changed: whoever mounts again at once need not be told so, and waits for as long as that takes.
    static async ValueTask<ArchiveHold> HoldAsync(string path, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            if (ArchiveHold.TryTake(path, LockKind.Exclusive, out var holder) is { } hold)
                return hold;
            if (clock.GetElapsedTime(started) >= HolderPatience && !ArchiveHold.IsEnding(path))
            {
                var what = holder.Kind == LockKind.Exclusive ? "is mounted for writing already" : "is being written by an import";
                throw new UserErrorException($"{path} {what}, by process {holder.Process}");
            }

            await Task.Delay(HolderPause, clock, cancellationToken);
        }
    }

    // A state folder may have been said that is another archive's.
    static async ValueTask AwaitHolderAsync(string place, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (LiveFolder.IsHeld(place) && clock.GetElapsedTime(started) < HolderPatience)
            await Task.Delay(HolderPause, clock, cancellationToken);
    }

    // What is stored needs no log. The state says so first: after that it may be there or not.
    void Clear(uint epoch)
    {
        try
        {
            // The rules are remembered for what there is.
            var hasLocal = _files!.HasLocalNames;
            if (!hasLocal)
                _local = LocalState.None;
            Write(_base, epoch + 1, null);
            _folder.DeleteLog(hasLocal);
        }
        catch (IOException fault)
        {
            _say?.Invoke($"{_folder.Path} could not be emptied, though nothing in it is needed: {fault.Message}");
        }
    }

    async ValueTask<LiveFileSystem> OpenFilesAsync(IBlockStore store, LiveFileSystemOptions options, CancellationToken cancellationToken)
    {
        var state = _folder.Read();
        if (state?.Pending is { } pending && !Has(pending.Root))
            await _archive.AppendAsync(pending.Root, _refs, cancellationToken);
        var newest = _archive.ReadLast()?.Root;
        if (state is null)
            state = Write(newest, 1, null);
        _local = state.Local;
        _folder.DeleteLists(_local.List?.Number);
        _base = newest;

        // Somebody else may have made a state meanwhile: fine where nothing waits here.
        var refusal = Equals(state.Base, newest)
            ? null
            : $"{_archive.Path} has got a state from elsewhere, while changes of an earlier mount wait in {_folder.Path}: move that folder away to give them up, or put the archive of then back";
        var files = await LiveFileSystem.OpenAsync(store, newest, _folder.Path, state.FirstEpoch, this, refusal, (_local, _folder), options, cancellationToken);
        if (refusal is not null)
            Write(newest, state.FirstEpoch, null);
        return files;
    }

    bool Has(Dirent root) => _archive.ReadBackwards().Any(state => state.Root.Equals(root));

    LiveState Write(Dirent? root, uint firstEpoch, ArchiveState? pending)
    {
        var state = new LiveState { ArchiveId = _id, ArchivePath = _archive.Path, Base = root, FirstEpoch = firstEpoch, Pending = pending, Local = _local };
        _folder.Write(state);
        return state;
    }
}
