using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

/// <summary>Defers whatever it is asked and hands the deferrals to the test.</summary>
sealed class DeferringFileSystem(Action<FuseDeferral> onDeferred) : FuseFileSystem
{
    public override Errno Lookup(in FuseRequest request, ReadOnlySpan<byte> name, ref EntryOut entry) => Later(request);

    public override Errno Read(in FuseRequest request, in ReadIn arguments, Span<byte> buffer, out int length)
    {
        length = 0;
        return Later(request);
    }

    public override Errno Getxattr(in FuseRequest request, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        return Later(request);
    }

    public override Errno Readdir(in FuseRequest request, in ReadIn arguments, ref DirectoryFiller filler) => Later(request);

    public override Errno Create(
        in FuseRequest request, in CreateIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry, ref OpenOut open)
    {
        Later(request);
        throw new InvalidDataException("after deferring");
    }

    Errno Later(in FuseRequest request)
    {
        onDeferred(request.Defer());
        return Errno.OK;
    }
}
