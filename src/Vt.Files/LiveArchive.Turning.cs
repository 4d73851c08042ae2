using Vt.Files.Journal;
using Vt.Posix;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <content>Other trees and other archives under the same mount.</content>
public sealed partial class LiveArchive
{
    /// <summary>The archive file whose newest state this is.</summary>
    public string ArchivePath => _archive.Path;

    /// <summary>Stores all changes, and becomes what is asked for. Nobody else does anything meanwhile.</summary>
    /// <remarks>
    /// For another archive, each step durable before the next: this archive's last state; the state folder says that it belongs to the other one, and that nothing in
    /// it is needed; it has that one's name; it says only that it belongs to it. A crash leaves both archives whole after each of them.
    /// </remarks>
    /// <param name="turn">What is asked for.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    /// <returns>
    /// What whoever remembers the tree has to forget. EAGAIN: the newest state is not what was expected; EBUSY: the other archive is in use, or changes of a mount that
    /// died wait beside it; ENOENT: there is no such archive, or the store lacks the tree; EOPNOTSUPP: there are local names, or the state folder is not the one beside
    /// the archive; EPERM: nothing may be changed here; EINVAL: a request that says nothing.
    /// </returns>
    /// <exception cref="IOException">What has changed can't be stored, or the disk fails.</exception>
    public async ValueTask<Outcome<List<TreeNotice>>> TurnAsync(ArchiveTurn turn, CancellationToken cancellationToken = default)
    {
        if (_isAppendOnly)
            return Errno.EPERM;
        if (Files.HasLocalNames)
            return Errno.EOPNOTSUPP;
        await Files.CheckpointAsync(cancellationToken);
        if (turn.Expected is { } expected && !expected.Equals(_base))
            return Errno.EAGAIN;
        if (turn.Archive != _archive.Path)
            return turn.Target is null ? await TurnToArchiveAsync(turn.Archive, cancellationToken) : Errno.EINVAL;
        if (turn.Target is not { Kind: DirentKind.Directory } target)
            return Errno.EINVAL;
        if (!await Files.IsStoredAsync(target, cancellationToken))
            return Errno.ENOENT;
        return await Files.TurnAsync(target, (epoch, local) => KeepTurnAsync(target, epoch, local), cancellationToken);
    }

    async ValueTask<Outcome<List<TreeNotice>>> TurnToArchiveAsync(string path, CancellationToken cancellationToken)
    {
        if (_folder.Path != _archive.Path + StateFolderExtension)
            return Errno.EOPNOTSUPP;
        if (!File.Exists(path))
            return Errno.ENOENT;
        if (ArchiveHold.TryTake(path, LockKind.Exclusive, out _) is not { } hold)
            return Errno.EBUSY;
        var isTaken = false;
        try
        {
            var archive = new ArchiveFile(path, _clock, _boundary);
            if (_refs is not null)
                await archive.RestoreAsync(_refs, cancellationToken);
            if (archive.IsUnfinished || archive.ReadLast()?.Root is not { } root || !await Files.IsStoredAsync(root, cancellationToken))
                return Errno.ENOENT;
            if (!LiveFolder.TryDelete(path + StateFolderExtension))
                return Errno.EBUSY;
            var notices = await Files.TurnAsync(root, (epoch, local) => MoveAsync(archive, root, epoch, local), cancellationToken);
            _hold.Dispose();
            _hold = hold;
            isTaken = true;
            return notices;
        }
        finally
        {
            if (!isTaken)
                hold.Dispose();
        }
    }

    async ValueTask MoveAsync(ArchiveFile archive, Dirent root, uint epoch, LocalState local)
    {
        var before = _folder.Read()!;
        var path = archive.Path + StateFolderExtension;
        var state = new LiveState { ArchiveId = archive.ReadId(), ArchivePath = archive.Path, Base = root, FirstEpoch = epoch, Local = local };
        try
        {
            await _folder.MoveAsync(state, path, Files.RelocateAsync);
        }
        catch (IOException fault) when (_folder.Path == path)
        {
            // It has the name, and the next checkpoint writes its state again.
            _say?.Invoke($"{path}: {fault.Message}");
        }
        catch (IOException fault)
        {
            TakeBack(before, fault);
            throw;
        }

        (_archive, _id, _local, _base) = (archive, state.ArchiveId, local, root);
    }

    void TakeBack(LiveState before, IOException cause)
    {
        try
        {
            _folder.TakeBack(before);
        }
        catch (IOException)
        {
            Files.Break(cause);
        }
    }

    // What follows is logged on top of the tree that the state names. Where it is not known which one that is, nothing more is taken: the next mount finds out.
    async ValueTask KeepTurnAsync(Dirent root, uint firstEpoch, LocalState local)
    {
        var isKept = false;
        try
        {
            await KeepAsync(root, firstEpoch, local, CancellationToken.None);
            isKept = true;
        }
        finally
        {
            if (!isKept)
                Files.Break(new IOException("whether the tree has become another is not known: mount it again"));
        }
    }

    async ValueTask KeepAsync(Dirent root, uint firstEpoch, LocalState local, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _local = local;
        var now = _clock.GetLocalNow();
        Write(root, firstEpoch, new ArchiveState(Timestamp.From(now), now.Offset, root));
        _base = root;
        await _archive.AppendAsync(root, _refs, cancellationToken);
    }
}
