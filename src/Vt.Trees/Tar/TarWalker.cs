using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Tar;

/// <summary>Goes over the members of an archive from a cursor on: folders before what is in them, entries in the order of their names. Not thread-safe.</summary>
/// <param name="archive">Makes the members.</param>
/// <param name="directories">Reads the folders.</param>
/// <param name="root">The folder that is archived.</param>
/// <param name="start">Where to start.</param>
sealed class TarWalker(TarArchive archive, DirectoryReader directories, Dirent root, TarCursor start)
{
    IReadOnlyList<DirectoryPage> _pages = [];
    int _page;
    int _inPage;
    TarCursor _at = start;

    /// <summary>The next member; null behind the last one.</summary>
    /// <exception cref="FormatInvalidException">The tree is damaged, or the archive would be longer than a file can be.</exception>
    public async ValueTask<TarMember?> NextAsync(CancellationToken cancellationToken)
    {
        if (_at.Folder is not { } folder)
        {
            if (_at.Ordinal > 0)
                return null;
            folder = new TarFolder(null, 0, default, root.Content);
            var first = await archive.MakeAsync(_at, folder, root, cancellationToken);
            _at = After(first!, folder, 0);
            return first;
        }

        while (await NextEntryAsync(cancellationToken) is { } entry)
        {
            (folder, var position) = (_at.Folder!, _at.Position);
            var inside = entry.Kind == DirentKind.Directory ? new TarFolder(folder, position, entry.Name, entry.Content) : null;
            var member = await archive.MakeAsync(_at, inside ?? folder, entry, cancellationToken);
            _at = _at with { Position = position + 1 };
            if (member is null)
                continue;
            _at = inside is null ? After(member, folder, position + 1) : After(member, inside, 0);
            if (inside is not null)
                _pages = [];
            return member;
        }

        return null;
    }

    static TarCursor After(TarMember member, TarFolder folder, long position)
    {
        if (member.End < member.Start.Offset || member.End > long.MaxValue / 2)
            throw new FormatInvalidException("an archive of this tree would be longer than a file can be");
        return new TarCursor(member.End, member.Start.Ordinal + 1, folder, position);
    }

    // Goes up where a folder has no more.
    async ValueTask<Dirent?> NextEntryAsync(CancellationToken cancellationToken)
    {
        while (_at.Folder is { } folder)
        {
            if (_page < _pages.Count && _inPage < _pages[_page].Count)
                return _pages[_page].DirentAt(_inPage++);
            if (++_page < _pages.Count)
            {
                _inPage = 0;
                continue;
            }

            _pages = await directories.PagesAtAsync(folder.Content, _at.Position, 1, cancellationToken);
            (_page, _inPage) = (0, 0);
            if (_pages.Count == 0)
                _at = _at with { Folder = folder.Parent, Position = folder.Position + 1 };
        }

        return null;
    }
}
