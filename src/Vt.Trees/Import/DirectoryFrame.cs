using Vt.Blocks.BlockTree;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Trees.Import;

/// <summary>
/// A directory that is being made: built entry by entry where the previous state has none, otherwise by editing that one, so
/// that what is unchanged costs nothing. Memory: at most <see cref="MostEdits"/> entries.
/// </summary>
sealed class DirectoryFrame : IDisposable
{
    const int MostEdits = 16384;

    readonly ImportSession _session;
    readonly DirectoryBuilder? _builder;
    readonly List<DirectoryEdit> _edits = [];
    readonly bool _hasGaps;
    BlockRef _content;
    long? _subdirectories;

    /// <summary>Starts a directory.</summary>
    /// <param name="session">The import.</param>
    /// <param name="template">Its dirent, without content.</param>
    /// <param name="previous">What the previous state has under the name.</param>
    /// <param name="readable">What can be read of that, where that is not all.</param>
    public DirectoryFrame(ImportSession session, Dirent template, Dirent? previous, BlockRef? readable)
    {
        _session = session;
        Template = template;
        Previous = previous;
        _hasGaps = readable is not null;
        if (previous is { Kind: DirentKind.Directory } && (readable ?? previous.Content) is { Span: > 0 } content)
            _content = content;
        else
            _builder = new DirectoryBuilder(session.TreeBatch);
    }

    /// <summary>The directory's dirent, without content.</summary>
    public Dirent Template { get; }

    /// <summary>What the previous state has under the name.</summary>
    public Dirent? Previous { get; }

    /// <summary>Adds an entry or replaces that of the previous state; in order.</summary>
    public ValueTask PutAsync(Dirent dirent, CancellationToken cancellationToken) =>
        _builder is not null ? _builder.AddAsync(dirent, cancellationToken) : EditAsync(DirectoryEdit.Put(dirent), cancellationToken);

    /// <summary>Removes an entry of the previous state; in order.</summary>
    public ValueTask RemoveAsync(ReadOnlyMemory<byte> name, CancellationToken cancellationToken) =>
        _builder is not null ? default : EditAsync(DirectoryEdit.Remove(name), cancellationToken);

    /// <summary>Ends the directory.</summary>
    public async ValueTask<Dirent> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_builder is not null)
            Take(await _builder.CompleteAsync(cancellationToken));
        else if (_edits.Count > 0 || _hasGaps || Previous!.Metadata.LinkCount == 0)
            await ApplyAsync(cancellationToken);
        var links = _subdirectories is { } count ? (uint)Math.Min(2 + count, uint.MaxValue) : Previous!.Metadata.LinkCount;
        return Template with { Content = _content, Metadata = Template.Metadata with { LinkCount = links } };
    }

    /// <inheritdoc/>
    public void Dispose() => _builder?.Dispose();

    async ValueTask EditAsync(DirectoryEdit edit, CancellationToken cancellationToken)
    {
        _edits.Add(edit);
        if (_edits.Count < MostEdits)
            return;
        await ApplyAsync(cancellationToken);

        // The next edits read the nodes that these made.
        await _session.TreeBatch.DrainAsync(cancellationToken);
    }

    async ValueTask ApplyAsync(CancellationToken cancellationToken)
    {
        var editor = new DirectoryEditor(_session.Reader, _session.TreeBatch);
        Take(await editor.ApplyAsync(_content, _edits, cancellationToken: cancellationToken));
        _edits.Clear();
    }

    void Take(in DirectoryRoot root)
    {
        _content = root.Content;
        _subdirectories = root.Subdirectories;
    }
}
