using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Import;

/// <summary>A place in a tree where something is to be put: what is there, and the directories on the way.</summary>
sealed class TreePlace
{
    const uint NewDirectoryMode = 0x1ed;

    readonly List<(Dirent? Directory, ReadOnlyMemory<byte> Name)> _way = [];

    TreePlace()
    {
    }

    /// <summary>What is at the place now; null for nothing.</summary>
    public Dirent? Existing { get; private set; }

    /// <summary>Follows a path as far as it exists.</summary>
    /// <exception cref="UserErrorException">It leads through something that is no directory, or has an impossible name.</exception>
    public static async ValueTask<TreePlace> FindAsync(
        DirectoryReader reader, Dirent? root, ReadOnlyMemory<byte> path, CancellationToken cancellationToken)
    {
        var place = new TreePlace();
        var entry = root;
        while (!path.IsEmpty)
        {
            var slash = path.Span.IndexOf((byte)'/');
            var name = slash < 0 ? path : path[..slash];
            path = slash < 0 ? default : path[(slash + 1)..];
            if (name.IsEmpty || name.Span is [(byte)'.'])
                continue;
            if (Dirent.CheckName(name.Span) is { } fault)
                throw new UserErrorException($"'{PathText.Of(name.Span)}' can't be a name in a tree: {fault}");
            if (entry is not null && entry.Kind != DirentKind.Directory)
                throw new UserErrorException($"'{PathText.Of(name.Span)}' can't be put into what is no directory");
            place._way.Add((entry, name));
            entry = entry is null ? null : await reader.LookupAsync(entry.Content, name, cancellationToken);
        }

        place.Existing = entry;
        return place;
    }

    /// <summary>
    /// Puts an entry at the place. As of a folder on a disk, the times of one in which a name comes, or becomes something of another kind, are the moment's; those of the
    /// folders above stay.
    /// </summary>
    /// <param name="entry">What.</param>
    /// <param name="now">The moment.</param>
    /// <param name="editor">Makes the directories.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new root: the entry itself where the place is the root.</returns>
    public async ValueTask<Dirent> PutAsync(Dirent entry, Timestamp now, DirectoryEditor editor, CancellationToken cancellationToken)
    {
        var comes = Existing?.Kind != entry.Kind;
        for (var i = _way.Count - 1; i >= 0; i--)
        {
            var (known, name) = _way[i];
            var directory = known ?? NewDirectory(entry.Metadata, now);
            var edited = await editor.ApplyAsync(
                directory.Content, [DirectoryEdit.Put(entry with { Name = name })], cancellationToken: cancellationToken);
            var metadata = directory.Metadata with { LinkCount = (uint)Math.Min(2 + edited.Subdirectories, uint.MaxValue) };
            entry = directory with { Content = edited.Content, Metadata = comes ? metadata with { ModificationTime = now, ChangeTime = now } : metadata };
            comes = known is null;
        }

        return entry;
    }

    static Dirent NewDirectory(Metadata owner, Timestamp now) => new()
    {
        Kind = DirentKind.Directory,
        Metadata = new Metadata
        {
            Mode = NewDirectoryMode,
            Uid = owner.Uid,
            Gid = owner.Gid,
            UserName = owner.UserName,
            GroupName = owner.GroupName,
            BirthTime = now,
        },
    };
}
