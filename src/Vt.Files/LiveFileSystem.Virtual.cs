using Vt.Files.Inodes;
using Vt.Files.Virtual;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <content>Files that every folder has and no listing shows.</content>
public sealed partial class LiveFileSystem
{
    VirtualFiles _virtual = null!; // set by the opening

    /// <summary>Whether a name is that of a virtual file, unless the folder has an entry of this name.</summary>
    public bool IsVirtualName(ReadOnlySpan<byte> name) => _virtual.FormatOf(name) is not null;

    /// <summary>Whether a node is a virtual file.</summary>
    public bool IsVirtual(NodeId node) => _virtual.Has(node);

    /// <summary>How many virtual files are in use; for tests of forgetting.</summary>
    internal int VirtualInUse => _virtual.Count;

    /// <summary>
    /// Finds a folder's virtual file; the caller holds a lookup of it. Everything is stored first, and the file is the folder at that instant for as long as
    /// anybody has it. For who owns the mount: it holds all that is below the folder.
    /// </summary>
    /// <param name="directory">The folder.</param>
    /// <param name="name">A name that <see cref="IsVirtualName"/> knows.</param>
    /// <param name="cancellationToken">Gives up: measuring a folder takes as long as listing all that is below it.</param>
    public ValueTask<Outcome<FoundNode>> LookupVirtualAsync(NodeId directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default)
    {
        if (TryFindDirectory(directory, out var inode) is var error && error != Errno.OK)
            return RefuseAsync<FoundNode>(error);
        return GuardAsync<FoundNode>(inode, "measuring an archive", async () =>
        {
            await CheckpointAsync(cancellationToken);
            if (_virtual.FormatOf(name.Span) is not { } format || _tree.StoredEntry(inode) is not { Kind: DirentKind.Directory } folder)
                return Errno.ENOENT;
            return await _virtual.EnterAsync(format, folder, cancellationToken);
        });
    }

    ValueTask<Outcome<FoundNode>> LookupKeptVirtualAsync(NodeId node, bool isAbove)
    {
        if (isAbove)
            return RefuseAsync<FoundNode>(Errno.ENOENT);
        return _virtual.Enter(node) is { } found ? new((Outcome<FoundNode>)found) : RefuseAsync<FoundNode>(Errno.ENOENT);
    }
}
