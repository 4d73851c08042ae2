using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Tar;

/// <summary>
/// A stored folder as a POSIX tar archive (pax interchange format) that is never made: its length is known from metadata alone, and any part of it can be
/// read at any time. A function of the stored tree, byte for byte. Safe from any thread.
/// </summary>
/// <remarks>
/// The folder itself is the first member, <c>./</c>, with its metadata; members come in the order of their names, folders before what is in them. An inode's
/// second name within the folder is a link to its first. Holes of 64 KiB or more together make a file sparse (GNU format 1.0); attributes and access lists
/// are there as <c>SCHILY.xattr</c> and <c>SCHILY.acl</c>. Sockets, which an archive can't hold, and whiteouts are left out.
/// Memory: at most 16384 cursors with the folders that lead there, some 120 bytes for each inode with several names, and a few sparse maps of at most
/// 2 MiB each.
/// </remarks>
public sealed class TarArchive : IVirtualContent
{
    const int LongestTarget = 4096;
    const int MostMaps = 4;
    const long LeastHoles = 64 << 10;
    const long EndLength = 2 * TarHeader.BlockSize;

    readonly DirectoryReader _directories;
    readonly Dirent _root;
    readonly NodeCache _nodes = new();
    readonly TarIndex _index = new();
    readonly TarLinks _links = new();

    // Guards the maps that were used last.
    readonly Lock _mapsGate = new();
    readonly List<(BlockRef Content, SparseMap Map)> _maps = new(MostMaps);

    TarArchive(DirectoryReader directories, Dirent root)
    {
        _directories = directories;
        _root = root;
    }

    /// <inheritdoc/>
    public long Length { get; private set; }

    /// <summary>How many members it has.</summary>
    public long Members { get; private set; }

    /// <summary>How many places are kept to start reading at; for tests of the bound.</summary>
    internal int Cursors => _index.Count;

    /// <summary>Measures the archive of a folder: reads all its metadata and no content.</summary>
    /// <param name="directories">Reads the tree.</param>
    /// <param name="folder">The folder, with the inode table of the tree that it is in.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UserErrorException">This is no folder.</exception>
    /// <exception cref="BlockMissingException">A block of metadata is not in the store.</exception>
    /// <exception cref="FormatInvalidException">A block of metadata is damaged.</exception>
    public static async ValueTask<TarArchive> CreateAsync(DirectoryReader directories, Dirent folder, CancellationToken cancellationToken = default)
    {
        if (folder.Kind != DirentKind.Directory)
            throw new UserErrorException("only a folder can be archived");
        var archive = new TarArchive(directories, folder);
        var walker = new TarWalker(archive, directories, folder, default);
        while (await walker.NextAsync(cancellationToken) is { } member)
        {
            archive._index.Note(member.Start);
            archive.Length = member.End;
            archive.Members++;
            cancellationToken.ThrowIfCancellationRequested();
        }

        archive.Length += EndLength;
        return archive;
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var wanted = (int)Math.Min(destination.Length, Math.Max(0, Length - offset));
        if (wanted == 0)
            return 0;
        var walker = new TarWalker(this, _directories, _root, _index.Before(offset));
        var done = 0;
        TarCursor? last = null;
        while (done < wanted && await walker.NextAsync(cancellationToken) is { } member)
        {
            if (member.End <= offset + done)
                continue;
            done += await member.ReadAsync(offset + done, destination[done..wanted], cancellationToken);
            last = member.Start;
        }

        if (last is { } recent)
            _index.NoteRecent(recent);
        destination.Span[done..wanted].Clear();
        return wanted;
    }

    /// <summary>Makes the member of an entry; null of what an archive doesn't have.</summary>
    /// <param name="at">Where it stands.</param>
    /// <param name="folder">The folder that it is in; of a folder itself that.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async ValueTask<TarMember?> MakeAsync(TarCursor at, TarFolder folder, Dirent entry, CancellationToken cancellationToken)
    {
        var inode = await TreePath.FollowAsync(_directories, _root, entry, cancellationToken);
        if (TypeOf(inode.Kind) is not { } type)
            return null;
        var path = type != '5' ? folder.PathOf(entry.Name.Span) : folder.Parent is null ? [.. "./"u8] : folder.PathOf([]);
        if (entry.Kind == DirentKind.Indirect && _links.PathOfFirst(entry.Uuid ?? default, at.Ordinal, folder, entry.Name) is { } first)
            return Make(at, inode, new TarFacts { Ordinal = at.Ordinal, Type = (byte)'1', Path = path, Target = first, Metadata = inode.Metadata, Xattrs = XattrSet.Empty, Size = 0 });
        return Make(at, inode, new TarFacts
        {
            Ordinal = at.Ordinal,
            Type = (byte)type,
            Path = path,
            Target = type == '2' ? await TargetOfAsync(inode, cancellationToken) : [],
            Metadata = inode.Metadata,
            Xattrs = await StoredXattrs.LoadAsync(inode.Metadata.Xattrs, _directories.Store, cancellationToken),
            Size = type == '0' ? inode.Size : 0,
            Sparse = type == '0' && IsSparse(inode) ? await MapOfAsync(inode.Content, cancellationToken) : null,
        });
    }

    TarMember Make(TarCursor at, Dirent inode, in TarFacts facts) =>
        new(at, TarHeader.Write(facts), facts.BodyLength > 0 ? Read(inode.Content) : null, facts.Sparse, facts.BodyLength);

    static char? TypeOf(DirentKind kind) => kind switch
    {
        DirentKind.File => '0',
        DirentKind.Symlink => '2',
        DirentKind.CharacterDevice => '3',
        DirentKind.BlockDevice => '4',
        DirentKind.Directory => '5',
        DirentKind.Fifo => '6',
        _ => null,
    };

    static bool IsSparse(Dirent file) =>
        file.Metadata.HoleSpan >= LeastHoles || file.Content is { Kind: BlockRefKind.Run, RunByte: 0, Span: >= LeastHoles };

    BlockTreeReader Read(BlockRef content) => new(_directories.Store, content, _nodes);

    async ValueTask<byte[]> TargetOfAsync(Dirent link, CancellationToken cancellationToken)
    {
        if (link.Size > LongestTarget)
            throw new FormatInvalidException($"a symbolic link's target has {link.Size} bytes, over the limit of {LongestTarget}");
        var target = new byte[link.Size];
        await Read(link.Content).ReadAsync(0, target, cancellationToken);
        return target;
    }

    async ValueTask<SparseMap> MapOfAsync(BlockRef content, CancellationToken cancellationToken)
    {
        lock (_mapsGate)
        {
            var index = _maps.FindIndex(kept => kept.Content == content);
            if (index >= 0)
                return _maps[index].Map;
        }

        var map = await SparseMap.LoadAsync(Read(content), cancellationToken);
        lock (_mapsGate)
        {
            if (_maps.Count == MostMaps)
                _maps.RemoveAt(0);
            _maps.Add((content, map));
        }

        return map;
    }
}
