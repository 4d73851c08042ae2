using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.TestServer;

/// <content>Names and folders.</content>
sealed partial class SampleFileSystem
{
    public override Errno Lookup(in FuseRequest request, ReadOnlySpan<byte> name, ref EntryOut entry)
    {
        lock (_gate)
        {
            if (_nodes[request.Node].Children is not { } children)
                return Errno.ENOTDIR;
            if (!children.TryGetValue(Text(name), out var node))
            {
                entry.EntrySeconds = Seconds; // no node: the kernel remembers that the name is absent
                return Errno.OK;
            }

            Give(node, ref entry);
            return Errno.OK;
        }
    }

    public override Errno Mknod(in FuseRequest request, in MknodIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry) =>
        Make(request, name, arguments.Mode & ~arguments.Umask, [], arguments.Device, ref entry);

    public override Errno Mkdir(in FuseRequest request, in MkdirIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry) =>
        Make(request, name, (FolderMode & TypeMask) | (arguments.Mode & ~arguments.Umask), [], 0, ref entry);

    public override Errno Symlink(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, ref EntryOut entry) =>
        Make(request, name, LinkMode, target.ToArray(), 0, ref entry);

    public override Errno Create(
        in FuseRequest request, in CreateIn arguments, ReadOnlySpan<byte> name, ref EntryOut entry, ref OpenOut open)
    {
        var error = Make(request, name, arguments.Mode & ~arguments.Umask, [], 0, ref entry);
        if (error == Errno.OK)
            Interlocked.Increment(ref _opens);
        return error;
    }

    public override Errno Link(in FuseRequest request, NodeId node, ReadOnlySpan<byte> newName, ref EntryOut entry)
    {
        lock (_gate)
        {
            var found = _nodes[node];
            if (!_nodes[request.Node].Children!.TryAdd(Text(newName), found))
                return Errno.EEXIST;
            found.Links++;
            Give(found, ref entry);
            return Errno.OK;
        }
    }

    public override Errno Unlink(in FuseRequest request, ReadOnlySpan<byte> name) => Remove(request, name, wantsFolder: false);

    public override Errno Rmdir(in FuseRequest request, ReadOnlySpan<byte> name) => Remove(request, name, wantsFolder: true);

    public override Errno Rename(
        in FuseRequest request, ReadOnlySpan<byte> name, NodeId newParent, ReadOnlySpan<byte> newName, RenameFlags flags)
    {
        lock (_gate)
        {
            var from = _nodes[request.Node].Children!;
            var to = _nodes[newParent].Children!;
            if (!from.TryGetValue(Text(name), out var node))
                return Errno.ENOENT;
            to.TryGetValue(Text(newName), out var old);
            if ((flags & ~(RenameFlags.NoReplace | RenameFlags.Exchange)) != 0)
                return Errno.EINVAL;
            if (flags == RenameFlags.NoReplace && old is not null)
                return Errno.EEXIST;
            if (flags == RenameFlags.Exchange && old is null)
                return Errno.ENOENT;
            if (old == node)
                return Errno.OK;
            from.Remove(Text(name));
            to[Text(newName)] = node;
            if (flags == RenameFlags.Exchange)
                from[Text(name)] = old!;
            else if (old is not null)
                Unlinked(old);
            return Errno.OK;
        }
    }

    public override Errno Readdir(in FuseRequest request, in ReadIn arguments, ref DirectoryFiller filler)
    {
        lock (_gate)
        {
            var folder = _nodes[request.Node];
            var position = arguments.Offset;
            if (position == 0 && !filler.TryAdd("."u8, folder.Id.Value, FolderMode >> 12, ++position))
                return Errno.EINVAL;
            if (position == 1 && !filler.TryAdd(".."u8, folder.Id.Value, FolderMode >> 12, ++position))
                return Errno.OK;
            foreach (var (text, node) in folder.Children!.Skip((int)position - 2))
            {
                var name = Bytes(text);
                if (!filler.HasRoomFor(name.Length))
                    break;
                position++;
                if (filler.WantsEntries)
                    Give(node, ref filler.AddEntry(name, node.Id.Value, node.Type, position));
                else
                    filler.TryAdd(name, node.Id.Value, node.Type, position);
            }

            return Errno.OK;
        }
    }

    Errno Make(in FuseRequest request, ReadOnlySpan<byte> name, uint mode, byte[] data, uint device, ref EntryOut entry)
    {
        lock (_gate)
        {
            if (name.Length > 255)
                return Errno.ENAMETOOLONG;
            var parent = _nodes[request.Node];
            if (parent.Children!.ContainsKey(Text(name)))
                return Errno.EEXIST;
            var node = Add(parent, Text(name), mode, data, device);
            node.Uid = request.Uid;
            node.Gid = request.Gid;
            if (name.SequenceEqual("key"u8))
                _key.Set();
            Give(node, ref entry);
            return Errno.OK;
        }
    }

    Errno Remove(in FuseRequest request, ReadOnlySpan<byte> name, bool wantsFolder)
    {
        lock (_gate)
        {
            var children = _nodes[request.Node].Children!;
            if (!children.TryGetValue(Text(name), out var node))
                return Errno.ENOENT;
            if (node.IsFolder != wantsFolder)
                return wantsFolder ? Errno.ENOTDIR : Errno.EISDIR;
            if (node.Children?.Count > 0)
                return Errno.ENOTEMPTY;
            children.Remove(Text(name));
            Unlinked(node);
            return Errno.OK;
        }
    }

    void Unlinked(SampleNode node)
    {
        node.Links--;
        DropIfUnused(node);
    }
}
