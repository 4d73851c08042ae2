using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <content>Operations on attributes.</content>
sealed unsafe partial class FuseDispatcher
{
    /// <summary>Of SETXATTR's extra flags: clear setgid (FUSE_SETXATTR_ACL_KILL_SGID).</summary>
    const uint KillSetgid = 1;

    int Getattr(in FuseRequest request, FuseSlot slot) =>
        Result(_fileSystem.Getattr(request, In<GetattrIn>(slot), ref Out<AttrOut>(slot)), sizeof(AttrOut));

    int Setattr(in FuseRequest request, FuseSlot slot) =>
        Result(_fileSystem.Setattr(request, In<SetattrIn>(slot), ref Out<AttrOut>(slot)), sizeof(AttrOut));

    int Setxattr(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        var arguments = (SetxattrIn*)slot.Arguments;
        if (!names.TryTake(out var name) || names.Rest.Length < arguments->Size)
            return Malformed;
        var killSetgid = _connection!.Has(FuseInitFlags.SetxattrExtended) && (arguments->ExtraFlags & KillSetgid) != 0;
        var value = names.Rest[..(int)arguments->Size];
        return Result(_fileSystem.Setxattr(request, name, value, arguments->Flags, killSetgid));
    }

    int Getxattr(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        if (!names.TryTake(out var name))
            return Malformed;
        var size = In<GetxattrIn>(slot).Size;
        var error = _fileSystem.Getxattr(request, name, new Span<byte>(slot.Reply, Clamp(size, slot)), out var length);
        if (error != Errno.OK || request.IsDeferred)
            return Result(error);
        return SizedReply(slot, size, length);
    }

    int Listxattr(in FuseRequest request, FuseSlot slot)
    {
        var size = In<GetxattrIn>(slot).Size;
        var error = _fileSystem.Listxattr(request, new Span<byte>(slot.Reply, Clamp(size, slot)), out var length);
        if (error != Errno.OK || request.IsDeferred)
            return Result(error);
        return SizedReply(slot, size, length);
    }

    int Removexattr(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name) ? Result(_fileSystem.Removexattr(request, name)) : Malformed;
    }
}
