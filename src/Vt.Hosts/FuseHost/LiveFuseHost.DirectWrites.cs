using System.Runtime.InteropServices;
using System.Threading.Channels;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;

namespace Vt.Hosts.FuseHost;

/// <content>Writes with O_DIRECT to files that the kernel has pages of.</content>
/// <remarks>
/// The kernel drops those pages before such a write, and after one that its caller waits for; not after one that completes behind its caller (io_submit(2),
/// io_uring). Who reads through the cache meanwhile would leave an old page there for ever. So these pages are dropped here before the write is answered: by a
/// thread of its own, as that waits for reads that are under way.
/// </remarks>
public sealed partial class LiveFuseHost
{
    // Fewer than may be deferred: reads that are waited for here have to get through.
    const int MostDropping = 48;

    static readonly uint _directFlag = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000u : 0x4000u; // O_DIRECT

    readonly Channel<DirectWrite> _directWrites = Channel.CreateBounded<DirectWrite>(MostDropping);
    int _dropping;
    volatile bool _canDrop;

    /// <summary>Drops the kernel's pages behind direct writes, until it is over.</summary>
    /// <param name="notifier">The session's.</param>
    /// <param name="ended">Says that the session has ended.</param>
    public Task DropPagesAsync(FuseNotifier notifier, CancellationToken ended) =>
        Task.Factory.StartNew(() => DropPages(notifier, ended), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    void DropPages(FuseNotifier notifier, CancellationToken ended)
    {
        _canDrop = true;
        try
        {
            while (true)
            {
                var next = _directWrites.Reader.ReadAsync(ended);
                var write = next.IsCompletedSuccessfully ? next.Result : next.AsTask().GetAwaiter().GetResult();
                using (write.Deferral)
                {
                    notifier.InvalidateInode(write.Deferral.Node, write.Offset, write.Length);
                    Interlocked.Decrement(ref _dropping);
                    write.Deferral.Complete(new WriteOut { Size = (uint)write.Length });
                }
            }
        }
        catch (OperationCanceledException)
        {
            _canDrop = false;
            while (_directWrites.Reader.TryRead(out var write))
                write.Deferral.Dispose();
        }
    }

    static bool IsDirect(in WriteIn arguments) => (arguments.Flags & _directFlag) != 0 && !arguments.WriteFlags.HasFlag(WriteFlags.Cache);

    // Whether pages have to be dropped before a write is answered, and there is room to wait for it. Who is turned away is one of many who wait for
    // their writes, behind which the kernel does it.
    bool TryPlanToDrop(in WriteIn arguments, Files.Inodes.NodeId node)
    {
        if (!_canDrop || !IsDirect(arguments) || !_files.MayBeCached(node))
            return false;
        if (Interlocked.Increment(ref _dropping) <= MostDropping)
            return true;
        Interlocked.Decrement(ref _dropping);
        return false;
    }

    readonly record struct DirectWrite(FuseDeferral Deferral, long Offset, int Length);
}
