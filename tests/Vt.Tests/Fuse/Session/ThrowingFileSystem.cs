using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.Tests.Fuse.Session;

/// <summary>Fails by exception.</summary>
sealed class ThrowingFileSystem(Type type) : FuseFileSystem
{
    public override Errno Lookup(in FuseRequest request, ReadOnlySpan<byte> name, ref EntryOut entry) =>
        throw (Exception)Activator.CreateInstance(type)!;
}
