using Vt.Files;
using Vt.Files.Inodes;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Hosts.FuseHost;

/// <content>Virtual files, which can be read and nothing else.</content>
public sealed partial class LiveFuseHost
{
    Errno LookupVirtual(in FuseRequest request, ValueTask<Outcome<FoundNode>> ordinary, ReadOnlySpan<byte> name)
    {
        var (folder, wanted, interrupted) = (Of(request.Node), First(request, name), request.Interrupted);
        return FuseAnswers.LookupVirtual(request, VirtualAccess.LookupAsync(ordinary, request.Uid, () => _files.LookupVirtualAsync(folder, wanted, interrupted)));
    }

    // Who finds a name and then can't remove it is to be told why.
    ValueTask<Errno> RemovedAsync(ReadOnlySpan<byte> name, ValueTask<Errno> removed)
    {
        return _files.IsVirtualName(name) ? RefuseAsync(removed) : removed;

        static async ValueTask<Errno> RefuseAsync(ValueTask<Errno> removed) => await removed is var error && error == Errno.ENOENT ? Errno.EPERM : error;
    }
}
