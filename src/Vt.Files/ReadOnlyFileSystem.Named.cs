using Vt.Blocks.BlockTree;
using Vt.Files.Inodes;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files;

/// <content>Folders whose entries are found by asking. Nothing of them is told for long; what lies in the trees that they lead to never changes.</content>
public sealed partial class ReadOnlyFileSystem
{
    const uint NamedMode = 0x16d;

    /// <summary>The name in the root that no listing shows, and that leads to <see cref="ReadOnlyFileSystemOptions.Versions"/>.</summary>
    public static ReadOnlySpan<byte> VersionsName => ".vt"u8;

    /// <summary>Whether there is something under <see cref="VersionsName"/>.</summary>
    public bool HasVersions => _options.Versions is not null;

    /// <summary>Whether a folder's entries are found by asking.</summary>
    public bool IsNamed(NodeId folder) => folder != NodeId.Root && _table.Find(folder.Directory) is { OnlyFolder: not null };

    /// <summary>Whether what a name in a folder leads to may be something else soon.</summary>
    public bool IsPassing(NodeId directory, ReadOnlySpan<byte> name) => directory == NodeId.Root ? HasVersions && name.SequenceEqual(VersionsName) : IsNamed(directory);

    async ValueTask<Outcome<FoundNode>> LookupNamedAsync(OpenDirectory directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        if (await directory.Names!.FindAsync(name, cancellationToken) is not { } entry)
            return Errno.ENOENT;
        return EnterNamed(directory, name.ToArray(), entry);
    }

    FoundNode EnterNamed(OpenDirectory directory, byte[] name, NamedEntry entry)
    {
        var known = _table.Find(directory.Node, DirectoryRole.Named, name);
        var dirent = (entry.Root ?? FolderDirent()) with { Name = name };
        if (known is null || known.Only!.Content != dirent.Content || known.Inodes != dirent.Inodes || known.OnlyFolder != entry.Folder)
        {
            if (known is not null)
                _table.Supersede(known);
            known = new OpenDirectory
            {
                Number = _table.NextNumber(),
                Node = directory.Node,
                Parent = directory.Node,
                InodeNumber = directory.InodeNumber,
                ParentInodeNumber = directory.InodeNumber,
                Role = DirectoryRole.Named,
                Name = name,
                Content = BlockRef.Empty,
                Inodes = dirent.Inodes,
                Reader = entry.Reader ?? _directories,
                Only = dirent,
                OnlyFolder = entry.Folder,
            };
        }

        return Enter(known, 0, dirent);
    }

    static Dirent FolderDirent() => new() { Kind = DirentKind.Directory, Metadata = new Metadata { Mode = NamedMode, LinkCount = 2 } };

    // Each listing is made anew from its beginning and is then the same to its end.
    async ValueTask<Outcome<ListedEntries[]>> ListNamedAsync(OpenDirectory directory, long position, int wanted, CancellationToken cancellationToken)
    {
        var names = directory.Listing;
        if (names is null || position == 0)
        {
            names = [.. await directory.Names!.ListAsync(cancellationToken)];
            Array.Sort(names, static (one, other) => one.AsSpan().SequenceCompareTo(other));
            directory.Listing = names;
        }

        var start = (int)Math.Min(position, names.Length);
        var count = Math.Min(wanted, names.Length - start);
        return count == 0 ? Array.Empty<ListedEntries>() : (ListedEntries[])[new ListedEntries(this, directory, names[start..(start + count)], start)];
    }
}
