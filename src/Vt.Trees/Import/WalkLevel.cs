using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>A directory that the walker is in.</summary>
sealed class WalkLevel(SourceDirectory directory, SortedNames names, PreviousEntries? previous) : IAsyncDisposable
{
    bool _hasPrevious = previous is not null;

    /// <summary>The directory.</summary>
    public SourceDirectory Directory { get; } = directory;

    /// <summary>Its device and inode.</summary>
    public (ulong Device, ulong Inode) Identity { get; init; }

    /// <summary>Its names.</summary>
    public SortedNames Names { get; } = names;

    /// <summary>The name that comes next.</summary>
    public int Next { get; set; }

    /// <summary>Starts going through what the previous state has.</summary>
    public async ValueTask StartAsync() => _hasPrevious = _hasPrevious && await previous!.MoveNextAsync();

    /// <summary>
    /// The next name of the previous state if it sorts before <paramref name="name"/>, or any if that is null: one that is gone.
    /// </summary>
    public bool TryPeekGone(ReadOnlyMemory<byte>? name, out PreviousEntries entry)
    {
        entry = previous!;
        return _hasPrevious && (name is null || previous!.Name.Span.SequenceCompareTo(name.Value.Span) < 0);
    }

    /// <summary>Passes over the current name of the previous state.</summary>
    public async ValueTask SkipPreviousAsync() => _hasPrevious = await previous!.MoveNextAsync();

    /// <summary>What the previous state has under a name, once those before it were passed over.</summary>
    public async ValueTask<Dirent?> TakePreviousAsync(ReadOnlyMemory<byte> name)
    {
        if (!_hasPrevious || !previous!.Name.Span.SequenceEqual(name.Span))
            return null;
        var dirent = previous.Dirent;
        _hasPrevious = await previous.MoveNextAsync();
        return dirent;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Directory.Release();
        if (previous is not null)
            await previous.DisposeAsync();
    }
}
