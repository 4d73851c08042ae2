using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Files.Access;
using Vt.Files.Inodes;
using Vt.Files.Virtual;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

public sealed partial class ReadOnlyFileSystem
{
    /// <summary>The attribute that holds a file's block reference as text.</summary>
    public static ReadOnlySpan<byte> BlockAttribute => "x-vt-block"u8;

    /// <summary>The attribute that holds an entry's dirent as text.</summary>
    public static ReadOnlySpan<byte> DirentAttribute => "x-vt-dirent"u8;

    static ReadOnlySpan<byte> ControlPrefix => "x-vt-"u8;

    /// <summary>Reads a file's content.</summary>
    /// <returns>How many bytes were read: fewer than asked for only at the end of the file.</returns>
    public ValueTask<Outcome<int>> ReadAsync(NodeId node, long offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        GuardAsync(node, $"reading {destination.Length} bytes at {offset}", async () =>
        {
            if (VirtualFiles.MayBe(node))
                return await _virtual.ReadAsync(node, offset, destination, cancellationToken);
            var reader = _readers.Find(node);
            if (reader is null)
            {
                var dirent = await DirentAsync(node, cancellationToken);
                if (!dirent.Succeeded)
                    return dirent.Error;
                if (dirent.Value.Kind != DirentKind.File)
                    return dirent.Value.Kind == DirentKind.Directory ? Errno.EISDIR : Errno.EINVAL;
                reader = _readers.Open(node, dirent.Value.Content);
            }

            return (Outcome<int>)await reader.ReadAsync(offset, destination, cancellationToken);
        });

    /// <summary>A symbolic link's target.</summary>
    public ValueTask<Outcome<ReadOnlyMemory<byte>>> ReadlinkAsync(NodeId node, CancellationToken cancellationToken = default) =>
        GuardAsync(node, "reading a symbolic link", async () =>
        {
            var dirent = await DirentAsync(node, cancellationToken);
            if (!dirent.Succeeded)
                return dirent.Error;
            if (dirent.Value.Kind != DirentKind.Symlink)
                return Errno.EINVAL;
            var target = new byte[(int)Math.Min(dirent.Value.Content.Span, 4096)];
            await new BlockTreeReader(_store, dirent.Value.Content).ReadAsync(0, target, cancellationToken);
            return (Outcome<ReadOnlyMemory<byte>>)(ReadOnlyMemory<byte>)target;
        });

    /// <summary>Where data or a hole comes next; see lseek(2).</summary>
    /// <param name="node">The file.</param>
    /// <param name="offset">From where.</param>
    /// <param name="whence"><see cref="PosixFile.SEEK_DATA"/> or <see cref="PosixFile.SEEK_HOLE"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<Outcome<long>> LseekAsync(NodeId node, long offset, int whence, CancellationToken cancellationToken = default) =>
        GuardAsync(node, "seeking", async () =>
        {
            if (VirtualFiles.MayBe(node))
                return _virtual.Seek(node, offset, whence);
            var dirent = await DirentAsync(node, cancellationToken);
            if (!dirent.Succeeded)
                return dirent.Error;
            if (dirent.Value.Kind != DirentKind.File || whence is not (PosixFile.SEEK_DATA or PosixFile.SEEK_HOLE))
                return Errno.EINVAL;
            if (offset < 0 || offset >= dirent.Value.Content.Span)
                return Errno.ENXIO;
            var reader = new BlockTreeReader(_store, dirent.Value.Content);
            var found = whence == PosixFile.SEEK_DATA
                ? await reader.SeekDataAsync(offset, cancellationToken)
                : await reader.SeekHoleAsync(offset, cancellationToken) ?? dirent.Value.Content.Span;
            return found is { } at ? (Outcome<long>)at : Errno.ENXIO;
        });

    /// <summary>The value of an extended attribute. ENODATA where there is none of that name.</summary>
    public ValueTask<Outcome<ReadOnlyMemory<byte>>> GetxattrAsync(
        NodeId node, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default) =>
        GuardAsync(node, "reading an extended attribute", async () =>
        {
            if (VirtualFiles.MayBe(node))
                return Errno.ENODATA;
            var dirent = await DirentAsync(node, cancellationToken);
            if (!dirent.Succeeded)
                return dirent.Error;
            if (name.Span.StartsWith(ControlPrefix))
                return Control(name.Span, dirent.Value);
            var attributes = await StoredXattrs.LoadAsync(dirent.Value.Metadata.Xattrs, _store, cancellationToken);
            if (!attributes.TryGet(name.Span, out var value))
                return Errno.ENODATA;
            return _options.Identities is { } map && PosixAcl.IsName(name.Span) ? map.List(value) : value;
        });

    /// <summary>The names of all extended attributes, each with a NUL behind it. Control attributes are not listed.</summary>
    public ValueTask<Outcome<ReadOnlyMemory<byte>>> ListxattrAsync(NodeId node, CancellationToken cancellationToken = default) =>
        GuardAsync(node, "listing extended attributes", async () =>
        {
            if (VirtualFiles.MayBe(node))
                return default(ReadOnlyMemory<byte>);
            var dirent = await DirentAsync(node, cancellationToken);
            if (!dirent.Succeeded)
                return dirent.Error;
            var attributes = await StoredXattrs.LoadAsync(dirent.Value.Metadata.Xattrs, _store, cancellationToken);
            return (Outcome<ReadOnlyMemory<byte>>)(ReadOnlyMemory<byte>)NamesOf(attributes);
        });

    static byte[] NamesOf(XattrSet attributes)
    {
        var names = new MemoryStream();
        foreach (var attribute in attributes.Items)
        {
            names.Write(attribute.Name.Span);
            names.WriteByte(0);
        }

        return names.ToArray();
    }

    static Outcome<ReadOnlyMemory<byte>> Control(ReadOnlySpan<byte> name, Dirent dirent)
    {
        if (name.SequenceEqual(BlockAttribute))
            return (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(dirent.Content.ToString());
        return name.SequenceEqual(DirentAttribute) ? (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(dirent.ToString()) : Errno.ENODATA;
    }

    // The directory's path leads to its earlier version; that version is then shown as a directory of its own.
    async ValueTask<Outcome<FoundNode>> LookupEarlierAsync(NodeId node, OpenDirectory directory, CancellationToken cancellationToken)
    {
        if (_options.Earlier is null)
            return Errno.ENOENT;
        var now = await DirentAsync(node, cancellationToken);
        if (!now.Succeeded)
            return now.Error;
        var path = await PathAsync(node, cancellationToken);
        if (path is null || await _options.Earlier(path, now.Value, cancellationToken) is not { } earlier)
            return Errno.ENOENT;
        return Enter(EarlierVersion(directory, earlier), 0, earlier);
    }

    OpenDirectory EarlierVersion(OpenDirectory directory, Dirent earlier) => _table.Find(directory.Node, DirectoryRole.Earlier) ?? new OpenDirectory
    {
        Number = _table.NextNumber(),
        Node = directory.Node,
        Parent = directory.Node,
        InodeNumber = directory.InodeNumber,
        ParentInodeNumber = directory.InodeNumber,
        Role = DirectoryRole.Earlier,
        Content = BlockRef.Empty,
        Inodes = earlier.Inodes,
        Reader = _directories,
        Only = earlier,
    };

    async ValueTask<byte[]?> PathAsync(NodeId node, CancellationToken cancellationToken)
    {
        var names = new List<ReadOnlyMemory<byte>>();
        while (node != NodeId.Root)
        {
            var dirent = await DirentAsync(node, cancellationToken);
            if (!dirent.Succeeded || _table.Find(node.Directory) is not { Role: DirectoryRole.Entries } parent)
                return null;
            names.Add(dirent.Value.Name);
            node = parent.Node;
        }

        names.Reverse();
        var path = new MemoryStream();
        foreach (var name in names)
        {
            if (path.Length > 0)
                path.WriteByte((byte)'/');
            path.Write(name.Span);
        }

        return path.ToArray();
    }
}
