using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Hosts.FuseHost;

/// <content>Folders that get entries otherwise than name by name.</content>
public sealed partial class LiveFuseHost
{
    // The kernel has the folder's attributes, its listing, and names that were not there. Of the first two it is told before the answer: that waits for no lock that
    // anybody holds while waiting for us. Where names were asked for, all names of the mount are looked up again (Linux 6.16); older kernels have to be told of the
    // folder's own name, which waits for the folder above, where a rmdir(2) of this very folder may be that waits for the answer.
    async Task FinishFilledAsync(ValueTask<Errno> filled, NodeId node, FuseDeferral deferral)
    {
        var isStale = false;
        using (deferral)
        {
            await Task.Yield();
            var error = await filled;
            if (error == Errno.OK)
            {
                Notifier?.InvalidateInode(node);
                isStale = _files.HasDeniedNames(Of(node)) && Notifier?.IncrementEpoch() is not (null or Errno.OK);
            }

            deferral.Complete(Audited(deferral, error));
        }

        if (isStale && _files.PlaceOf(Of(node)) is { } place)
            Notifier?.InvalidateEntry(place.Directory == _root ? NodeId.Root : new NodeId(place.Directory.Value), place.Name);
    }
}
