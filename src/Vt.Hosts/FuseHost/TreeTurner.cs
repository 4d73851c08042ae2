using Vt.Blocks.Contracts;
using Vt.Files;
using Vt.Fuse.Session;
using Vt.Posix;
using NodeId = Vt.Fuse.Protocol.NodeId;

namespace Vt.Hosts.FuseHost;

/// <summary>
/// Lets a mounted archive become another tree or another archive, in one step to all who use the mount: requests under way are waited for, those that come wait, and
/// the kernel forgets what it remembers of what is different. One at a time.
/// </summary>
/// <param name="session">The mount.</param>
/// <param name="live">What is mounted, from its root.</param>
/// <param name="isRead">Whether the kernel reads some flat copy by itself, which would go on after the file has become another.</param>
public sealed class TreeTurner(FuseSession session, LiveArchive live, Func<bool> isRead)
{
    // So many names are told one by one; beyond that all are looked up again, where the kernel knows how to.
    const int MostNames = 4096;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    int _isTurning;
    volatile Task _told = Task.CompletedTask;

    /// <summary>The archive that is mounted, once the kernel knows all that is different in it.</summary>
    public async ValueTask<Outcome<ReadOnlyMemory<byte>>> ReadArchiveAsync()
    {
        await _told;
        return (ReadOnlyMemory<byte>)Vt.Blocks.Encoding.LosslessText.ToBytes(live.ArchivePath);
    }

    /// <summary>Does it. The kernel is told afterwards: it may be the caller's own request that it waits for.</summary>
    /// <param name="request">The request that asks for it, which is answered afterwards.</param>
    /// <param name="value">An <see cref="ArchiveTurn"/>.</param>
    /// <param name="cancellationToken">Gives up before anything is changed.</param>
    public async ValueTask<Errno> TurnAsync(ulong request, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (ArchiveTurn.Parse(value.Span) is not { } turn)
            return Errno.EINVAL;
        if (Interlocked.Exchange(ref _isTurning, 1) != 0)
            return Errno.EBUSY;
        try
        {
            await _told;

            // What is to be stored is stored while all goes on; what comes after this is little.
            await live.Files.CheckpointAsync(cancellationToken);
            Outcome<List<TreeNotice>> turned;
            using (var pause = await session.TryPauseAsync(request, Patience, cancellationToken))
            {
                if (pause is null)
                    return Errno.EBUSY;
                turned = isRead() ? Errno.ETXTBSY : await live.TurnAsync(turn, cancellationToken);
            }

            if (turned.Succeeded)
                _told = Task.Run(() => Tell(turned.Value), CancellationToken.None);
            return turned.Error;
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }
        catch (StoreFullException)
        {
            return Errno.ENOSPC;
        }
        catch (PosixException fault)
        {
            return fault.Error;
        }
        catch (Exception fault) when (fault is IOException or StoreUnavailableException or BlockMissingException or BlockCorruptException or FormatInvalidException
            or UserErrorException or InvalidOperationException)
        {
            live.Files.Say($"{live.ArchivePath} could not become another tree: {fault.Message}");
            return Errno.EIO;
        }
        finally
        {
            Volatile.Write(ref _isTurning, 0);
        }
    }

    void Tell(List<TreeNotice> notices)
    {
        var isByNames = notices.Count <= MostNames || session.Notifier.IncrementEpoch() != Errno.OK;
        foreach (var (node, name) in notices)
        {
            if (name is null)
                session.Notifier.InvalidateInode(new NodeId(node.Value));
            else if (isByNames)
                session.Notifier.InvalidateEntry(new NodeId(node.Value), name);
        }
    }
}
