using System.Text;
using Vt.Fuse.Protocol;
using Vt.Fuse.Session;
using Vt.Posix;

namespace Vt.TestServer;

/// <summary>
/// A small writable filesystem in memory: <c>hello.txt</c>, <c>big</c> (a pattern), <c>link</c>, <c>many/</c>, <c>later</c> (read
/// from another thread), <c>stuck</c> (a read ends only by a signal), <c>broken</c> (a read throws), <c>gate</c> (a read blocks
/// its reader until a folder <c>key</c> is made). One lock guards everything, as it is the session that is on trial.
/// </summary>
sealed partial class SampleFileSystem : FuseFileSystem
{
    const uint FolderMode = 0x4000 | 0x1ed; // S_IFDIR, rwxr-xr-x
    const uint FileMode = 0x8000 | 0x1a4; // S_IFREG, rw-r--r--
    const uint LinkMode = 0xa000 | 0x1ff; // S_IFLNK, rwxrwxrwx
    const uint TypeMask = 0xf000;

    readonly Lock _gate = new(); // guards all below
    readonly Dictionary<NodeId, SampleNode> _nodes = [];
    readonly ManualResetEventSlim _key = new();
    readonly ServerOptions _options;
    readonly SampleNode _root;
    ulong _lastId;
    long _opens;

    public SampleFileSystem(ServerOptions options)
    {
        _options = options;
        _root = NewNode(FolderMode);
        Add(_root, "hello.txt", FileMode, "Hello, mount.\n"u8.ToArray()).Xattrs["user.colour"] = "blue"u8.ToArray();
        Add(_root, "big", FileMode, Pattern(options.Size));
        Add(_root, "later", FileMode, Pattern(100_000));
        Add(_root, "stuck", FileMode, new byte[4096]);
        Add(_root, "gate", FileMode, "open\n"u8.ToArray());
        Add(_root, "broken", FileMode, new byte[4096]);
        Add(_root, "link", LinkMode, "hello.txt"u8.ToArray());
        var many = Add(_root, "many", FolderMode, []);
        for (var i = 0; i < options.Files; i++)
            Add(many, $"file{i:d6}", FileMode, Encoding.ASCII.GetBytes($"{i}\n"));
    }

    /// <summary>Lookups that the kernel holds.</summary>
    public ulong LookupCount
    {
        get
        {
            lock (_gate)
                return _nodes.Values.Aggregate(0UL, (sum, node) => sum + node.Lookups);
        }
    }

    /// <summary>Opens that were not released.</summary>
    public long OpenCount => Interlocked.Read(ref _opens);

    ulong Seconds => _options.Uncached ? 0UL : 3600;

    /// <summary>Changes things as if another machine had, and tells the kernel.</summary>
    /// <returns>What the notifications answered.</returns>
    public string Change(FuseNotifier notifier)
    {
        SampleNode hello, later;
        lock (_gate)
        {
            hello = _root.Children!["hello.txt"];
            hello.Data = "Changed behind your back.\n"u8.ToArray();
            hello.ModificationSeconds++;
            _root.Children.TryAdd("new", NewNode(FileMode));
            later = _root.Children["later"];
            _root.Children.Remove("later");
            Unlinked(later);
        }

        // Without the lock: the kernel may hold what a handler waits for.
        var inode = notifier.InvalidateInode(hello.Id);
        var entry = notifier.InvalidateEntry(NodeId.Root, "new"u8);
        var removal = notifier.Delete(NodeId.Root, later.Id, "later"u8);
        var unknown = notifier.InvalidateInode(new NodeId(ulong.MaxValue / 2));
        return $"{inode} {entry} {removal} {unknown}";
    }

    public override void Forget(NodeId node, ulong count)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(node, out var found))
                return;
            found.Lookups -= Math.Min(count, found.Lookups);
            DropIfUnused(found);
        }
    }

    public override void Abandon(NodeId node, ulong handle, bool isFolder) => Interlocked.Decrement(ref _opens);

    public override Errno Getattr(in FuseRequest request, in GetattrIn arguments, ref AttrOut attributes)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(request.Node, out var node))
                return Errno.ENOENT;
            Show(node, ref attributes);
            return Errno.OK;
        }
    }

    public override Errno Setattr(in FuseRequest request, in SetattrIn arguments, ref AttrOut attributes)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(request.Node, out var node))
                return Errno.ENOENT;
            if (arguments.Fields.HasFlag(SetattrFields.Mode))
                node.Mode = (node.Mode & TypeMask) | (arguments.Mode & ~TypeMask);
            if (arguments.Fields.HasFlag(SetattrFields.Uid))
                node.Uid = arguments.Uid;
            if (arguments.Fields.HasFlag(SetattrFields.Gid))
                node.Gid = arguments.Gid;
            if (arguments.Fields.HasFlag(SetattrFields.Size))
                node.Data = Resized(node.Data, (int)arguments.Size);
            if (arguments.Fields.HasFlag(SetattrFields.ModificationTime))
            {
                node.ModificationSeconds = (long)arguments.ModificationTime;
                node.ModificationNanoseconds = arguments.ModificationNanoseconds;
            }

            Show(node, ref attributes);
            return Errno.OK;
        }
    }

    public override Errno Readlink(in FuseRequest request, Span<byte> target, out int length)
    {
        lock (_gate)
        {
            var data = _nodes[request.Node].Data;
            data.CopyTo(target);
            length = data.Length;
            return Errno.OK;
        }
    }

    public override Errno Getxattr(in FuseRequest request, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        lock (_gate)
        {
            length = 0;
            if (!_nodes[request.Node].Xattrs.TryGetValue(Text(name), out var found))
                return Errno.ENODATA;
            length = found.Length;
            found.AsSpan().TryCopyTo(value);
            return Errno.OK;
        }
    }

    public override Errno Setxattr(in FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint flags, bool killSetgid)
    {
        lock (_gate)
            _nodes[request.Node].Xattrs[Text(name)] = value.ToArray();
        return Errno.OK;
    }

    public override Errno Listxattr(in FuseRequest request, Span<byte> names, out int length)
    {
        lock (_gate)
        {
            var list = Bytes(string.Concat(_nodes[request.Node].Xattrs.Keys.Select(name => name + "\0")));
            length = list.Length;
            list.AsSpan().TryCopyTo(names);
            return Errno.OK;
        }
    }

    public override Errno Removexattr(in FuseRequest request, ReadOnlySpan<byte> name)
    {
        lock (_gate)
            return _nodes[request.Node].Xattrs.Remove(Text(name)) ? Errno.OK : Errno.ENODATA;
    }

    static byte[] Pattern(int length)
    {
        var data = new byte[length];
        for (var i = 0; i < length; i++)
            data[i] = (byte)(i * 31 + (i >> 8));
        return data;
    }

    static byte[] Resized(byte[] data, int length)
    {
        Array.Resize(ref data, length);
        return data;
    }

    /// <summary>Names are bytes; one character for each keeps them all apart.</summary>
    static string Text(ReadOnlySpan<byte> name) => Encoding.Latin1.GetString(name);

    static byte[] Bytes(string name) => Encoding.Latin1.GetBytes(name);

    SampleNode NewNode(uint mode, uint device = 0)
    {
        var isFolder = (mode & TypeMask) == (FolderMode & TypeMask);
        var children = isFolder ? new SortedDictionary<string, SampleNode>(StringComparer.Ordinal) : null;
        var node = new SampleNode(++_lastId, mode) { Children = children, Device = device };
        _nodes.Add(node.Id, node);
        return node;
    }

    SampleNode Add(SampleNode parent, string name, uint mode, byte[] data, uint device = 0)
    {
        var node = NewNode(mode, device);
        node.Data = data;
        parent.Children!.Add(name, node);
        return node;
    }

    void DropIfUnused(SampleNode node)
    {
        if (node.Lookups == 0 && node.Links == 0)
            _nodes.Remove(node.Id);
    }

    void Show(SampleNode node, ref AttrOut attributes)
    {
        attributes.AttributeSeconds = Seconds;
        Show(node, ref attributes.Attributes);
    }

    static void Show(SampleNode node, ref FuseAttributes attributes)
    {
        attributes.Inode = node.Id.Value;
        attributes.Mode = node.Mode;
        attributes.Links = node.IsFolder ? 2 : node.Links;
        attributes.Size = node.IsFolder ? 4096 : (ulong)node.Data.Length;
        attributes.Blocks = (attributes.Size + 511) / 512;
        attributes.Uid = node.Uid;
        attributes.Gid = node.Gid;
        attributes.Device = node.Device;
        attributes.ModificationTime = attributes.ChangeTime = attributes.AccessTime = (ulong)node.ModificationSeconds;
        attributes.ModificationNanoseconds = attributes.ChangeNanoseconds = node.ModificationNanoseconds;
    }

    /// <summary>Gives a node to the kernel, which counts.</summary>
    void Give(SampleNode node, ref EntryOut entry)
    {
        node.Lookups++;
        entry.Node = node.Id;
        entry.EntrySeconds = entry.AttributeSeconds = Seconds;
        Show(node, ref entry.Attributes);
    }
}
