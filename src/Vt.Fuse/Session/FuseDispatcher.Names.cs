using Vt.Fuse.Protocol;
using Vt.Posix;

namespace Vt.Fuse.Session;

/// <content>Operations on names and folders.</content>
sealed unsafe partial class FuseDispatcher
{
    int Lookup(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name)
            ? Result(_fileSystem.Lookup(request, name, ref Out<EntryOut>(slot)), sizeof(EntryOut))
            : Malformed;
    }

    int Readlink(in FuseRequest request, FuseSlot slot)
    {
        var error = _fileSystem.Readlink(request, new Span<byte>(slot.Reply, LinkLimit), out var length);
        return length is >= 0 and <= LinkLimit ? Result(error, length) : -(int)Errno.ENAMETOOLONG;
    }

    int Symlink(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name) && names.TryTake(out var target)
            ? Result(_fileSystem.Symlink(request, name, target, ref Out<EntryOut>(slot)), sizeof(EntryOut))
            : Malformed;
    }

    int Mknod(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name)
            ? Result(_fileSystem.Mknod(request, In<MknodIn>(slot), name, ref Out<EntryOut>(slot)), sizeof(EntryOut))
            : Malformed;
    }

    int Mkdir(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name)
            ? Result(_fileSystem.Mkdir(request, In<MkdirIn>(slot), name, ref Out<EntryOut>(slot)), sizeof(EntryOut))
            : Malformed;
    }

    int Unlink(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name) ? Result(_fileSystem.Unlink(request, name)) : Malformed;
    }

    int Rmdir(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name) ? Result(_fileSystem.Rmdir(request, name)) : Malformed;
    }

    int Rename(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name) && names.TryTake(out var newName)
            ? Result(_fileSystem.Rename(request, name, In<RenameIn>(slot).NewParent, newName, RenameFlags.None))
            : Malformed;
    }

    int Rename2(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        if (!names.TryTake(out var name) || !names.TryTake(out var newName))
            return Malformed;
        ref readonly var arguments = ref In<Rename2In>(slot);
        return Result(_fileSystem.Rename(request, name, arguments.NewParent, newName, arguments.Flags));
    }

    int Link(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        return names.TryTake(out var name)
            ? Result(_fileSystem.Link(request, In<LinkIn>(slot).OldNode, name, ref Out<EntryOut>(slot)), sizeof(EntryOut))
            : Malformed;
    }

    int Create(in FuseRequest request, FuseSlot slot)
    {
        var names = new NameReader(slot);
        if (!names.TryTake(out var name))
            return Malformed;
        ref var entry = ref Out<EntryOut>(slot);
        ref var open = ref Out<OpenOut>(slot, sizeof(EntryOut));
        return Result(_fileSystem.Create(request, In<CreateIn>(slot), name, ref entry, ref open), sizeof(EntryOut) + sizeof(OpenOut));
    }

    int Tmpfile(in FuseRequest request, FuseSlot slot)
    {
        ref var entry = ref Out<EntryOut>(slot);
        ref var open = ref Out<OpenOut>(slot, sizeof(EntryOut));
        return Result(_fileSystem.Tmpfile(request, In<CreateIn>(slot), ref entry, ref open), sizeof(EntryOut) + sizeof(OpenOut));
    }

    int Readdir(in FuseRequest request, FuseSlot slot)
    {
        ref readonly var arguments = ref In<ReadIn>(slot);
        var filler = new DirectoryFiller(slot.Reply, Clamp(arguments.Size, slot), slot.Header->Opcode == FuseOpcode.Readdirplus);
        var error = _fileSystem.Readdir(request, arguments, ref filler);
        return Result(error, filler.Length);
    }
}
