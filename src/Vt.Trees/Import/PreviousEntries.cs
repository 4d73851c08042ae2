using Vt.Blocks.BlockTree;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>Goes through a directory of the previous state by name; entries are decoded only where they are wanted.</summary>
sealed class PreviousEntries(DirectoryReader reader, BlockRef directory, CancellationToken cancellationToken) : IAsyncDisposable
{
    readonly IAsyncEnumerator<DirectoryPage> _pages = reader.ReadPagesAsync(directory, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
    DirectoryPage _page;
    int _index = -1;
    int _count;

    /// <summary>The current name.</summary>
    public ReadOnlyMemory<byte> Name => _page.NameAt(_index);

    /// <summary>The current name's kind.</summary>
    public DirentKind Kind => _page.KindAt(_index);

    /// <summary>Decodes the current entry.</summary>
    public Dirent Dirent => _page.DirentAt(_index);

    /// <summary>Moves to the next name.</summary>
    /// <returns>False at the end.</returns>
    public ValueTask<bool> MoveNextAsync()
    {
        if (++_index < _count)
            return ValueTask.FromResult(true);
        return NextPageAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _pages.DisposeAsync();

    async ValueTask<bool> NextPageAsync()
    {
        _index = 0;
        _count = 0;
        if (!await _pages.MoveNextAsync())
            return false;
        _page = _pages.Current;
        _count = _page.Count;
        return true;
    }
}
