using Vt.Blocks.BlockTree;
using Vt.Blocks.Chunking;
using Vt.Blocks.Chunking.Scanners;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;
using Vt.Trees.Tar.Reading;

namespace Vt.Trees.Import;

/// <summary>
/// Takes an archive's members in the order in which they come: stores what is in them, cut as an import of the same files would cut it, and notes where
/// each belongs. One thread.
/// </summary>
sealed class TarTaker : IDisposable
{

    readonly ImportSession _session;
    readonly TarReader _reader;
    readonly ContentBatch _contents;
    readonly List<(TarInode Inode, Dirent Dirent)> _waiting = [];
    readonly Dictionary<Scanner, Chunker> _chunkers = [];
    readonly Chunker _plain;
    bool _isAbsoluteSaid;

    /// <summary>Prepares.</summary>
    /// <param name="session">The import.</param>
    /// <param name="reader">The archive.</param>
    public TarTaker(ImportSession session, TarReader reader)
    {
        _session = session;
        _reader = reader;
        _contents = new ContentBatch(session.Store.Hasher, (int)(ImportBatch.MostBytes + ContentWorker.LargestSmall));
        _plain = new Chunker(session.Store.Chunking);
    }

    /// <summary>The tree so far.</summary>
    public TarTree Tree { get; } = new();

    /// <summary>Whether something could not be taken as it is.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Takes all members. Those that can't be taken are reported and left out.</summary>
    /// <exception cref="Blocks.Contracts.FormatInvalidException">The archive is damaged or ends early.</exception>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        while (await _reader.NextAsync(cancellationToken) is { } entry)
            await TakeAsync(entry, cancellationToken);
        await StoreAsync(cancellationToken);
        if (!_reader.HasEndMark)
            Report(ImportIssueKind.Unended, default, "");
        else
            await _reader.DrainAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _contents.Dispose();

    async ValueTask TakeAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Kind == DirentKind.None)
        {
            if (entry.Fault is not null)
                Report(ImportIssueKind.LeftOut, entry.Path, entry.Fault);
            return;
        }

        var names = TarTree.NamesOf(entry.Path, out var fault);
        if (fault is null && entry.Path is [(byte)'/', ..] && !_isAbsoluteSaid)
        {
            _isAbsoluteSaid = true;
            Report(ImportIssueKind.TakenBelow, entry.Path, "");
        }

        if (fault is null && names.Count > 0 && IsExcluded(names, entry.Kind == DirentKind.Directory))
            return;
        if (fault is null && names.Count == 0 && entry.Kind != DirentKind.Directory)
            fault = "it has no name";
        var parent = fault is null && names.Count > 0 ? Tree.FindParent(names, out fault) : null;
        if (fault is not null)
        {
            Report(ImportIssueKind.LeftOut, entry.Path, fault);
            return;
        }

        if (entry.Kind == DirentKind.Directory)
            await TakeDirectoryAsync(entry, parent, names, cancellationToken);
        else if (entry.Kind == DirentKind.Indirect)
            TakeLink(entry, parent!, names);
        else
            await TakeInodeAsync(entry, parent!, names, cancellationToken);
    }

    bool IsExcluded(List<byte[]> names, bool isDirectory)
    {
        if (_session.Options.Filter is not { } filter)
            return false;
        for (var count = 1; count <= names.Count; count++)
        {
            if (filter.Excludes(Join(names, count), count < names.Count || isDirectory))
                return true;
        }

        return false;
    }

    async ValueTask TakeDirectoryAsync(TarEntry entry, TarNode? parent, List<byte[]> names, CancellationToken cancellationToken)
    {
        _session.Counters.CountDirectory();
        var node = Tree.Root;
        if (parent is not null && !(parent.Children!.TryGetValue(names[^1], out node) && node.Children is not null))
            TarTree.Put(parent, names[^1], node = TarNode.Directory());
        node!.Metadata = await MetadataOfAsync(entry, cancellationToken);
    }

    void TakeLink(TarEntry entry, TarNode parent, List<byte[]> names)
    {
        _session.Counters.CountEntry(0);
        var target = TarTree.NamesOf(entry.Target, out var fault);
        var inode = fault is null ? Tree.Find(target)?.Inode : null;
        if (inode is null)
        {
            Report(ImportIssueKind.LeftOut, entry.Path, fault is null ? "it is a link to what the archive does not have before it" : $"of the target of a link: {fault}");
            return;
        }

        // Before what has the name goes, which may be the same.
        inode.Names++;
        TarTree.Put(parent, names[^1], TarNode.Of(inode));
    }

    async ValueTask TakeInodeAsync(TarEntry entry, TarNode parent, List<byte[]> names, CancellationToken cancellationToken)
    {
        _session.Counters.CountEntry(entry.Size);
        var inode = new TarInode { Names = 1 };
        var dirent = new Dirent { Kind = entry.Kind, Metadata = await MetadataOfAsync(entry, cancellationToken) };
        if (entry.Kind == DirentKind.File)
            await TakeContentAsync(entry, names[^1], inode, dirent, cancellationToken);
        else if (entry.Kind == DirentKind.Symlink && entry.Target.Length > BlockRef.LongestLiteral)
            await TakeTargetAsync(entry.Target, inode, dirent, cancellationToken);
        else
            inode.Dirent = entry.Kind == DirentKind.Symlink ? dirent with { Content = BlockRef.Literal(entry.Target) } : dirent;
        TarTree.Put(parent, names[^1], TarNode.Of(inode));
    }

    async ValueTask TakeTargetAsync(byte[] target, TarInode inode, Dirent dirent, CancellationToken cancellationToken)
    {
        await MakeRoomAsync(target.Length, cancellationToken);
        target.CopyTo(_contents.Free);
        _contents.Add(target.Length, _plain);
        Wait(inode, dirent);
    }

    async ValueTask TakeContentAsync(TarEntry entry, byte[] name, TarInode inode, Dirent dirent, CancellationToken cancellationToken)
    {
        _session.Counters.CountFile();
        if (entry.Size > ContentWorker.LargestSmall)
        {
            var (content, holes) = await StoreLargeAsync(entry, name, cancellationToken);
            inode.Dirent = dirent with { Content = content, Metadata = dirent.Metadata with { HoleSpan = (ulong)holes } };
            return;
        }

        var length = (int)entry.Size;
        await MakeRoomAsync(length, cancellationToken);
        var room = _contents.Free[..length];
        if (entry.Parts is null)
        {
            await _reader.ReadAsync(room, cancellationToken);
        }
        else
        {
            room.Span.Clear();
            foreach (var (offset, count) in entry.Parts)
                await _reader.ReadAsync(room.Slice((int)offset, (int)count), cancellationToken);
        }

        _session.Counters.CountBytes(length);
        _contents.Add(length, ChunkerFor(entry, name, room.Span[..Math.Min(length, ScannerChoice.HeadLength)]));
        Wait(inode, dirent);
    }

    async ValueTask<(BlockRef Content, long Holes)> StoreLargeAsync(TarEntry entry, byte[] name, CancellationToken cancellationToken)
    {
        IReadOnlyList<(long Offset, long Length)> parts = entry.Parts ?? [(0, entry.Size)];
        var head = new byte[ScannerChoice.HeadLength];
        var inHead = parts is [(0, var first), ..] ? (int)Math.Min(head.Length, first) : 0;
        await _reader.ReadAsync(head.AsMemory(0, inHead), cancellationToken);
        await using var writer = new BlockTreeWriter(_session.Store, ChunkerFor(entry, name, head), _session.LargeContent);
        await writer.WriteAsync(head.AsMemory(0, inHead), cancellationToken);
        var at = (long)inHead;
        foreach (var (offset, length) in parts)
        {
            if (offset > at)
            {
                await writer.WriteRunAsync(0, offset - at, cancellationToken);
                at = offset;
            }

            for (var end = offset + length; at < end;)
            {
                var room = writer.GetMemory();
                var count = (int)Math.Min(room.Length, end - at);
                await _reader.ReadAsync(room[..count], cancellationToken);
                await writer.AdvanceAsync(count, cancellationToken);
                _session.Counters.CountBytes(count);
                at += count;
            }
        }

        await writer.WriteRunAsync(0, entry.Size - at, cancellationToken);
        var content = await writer.CompleteAsync(cancellationToken);
        _session.Counters.CountBlocks(writer.Counts);
        return (content, writer.HoleSpan);
    }

    async ValueTask<Metadata> MetadataOfAsync(TarEntry entry, CancellationToken cancellationToken)
    {
        var xattrs = XattrSet.Create(entry.Xattrs);
        var isTooLong = xattrs.EncodedLength > XattrSet.LargestStored;
        if (isTooLong || entry.Fault is not null)
            Report(ImportIssueKind.AttributesLost, entry.Path, entry.Fault ?? "they are longer than any may be");
        return entry.Metadata with { Xattrs = isTooLong ? XattrSet.Empty : await StoredXattrs.MoveOutAsync(xattrs, _session.TreeBatch, cancellationToken) };
    }

    Chunker ChunkerFor(TarEntry entry, byte[] name, ReadOnlySpan<byte> head)
    {
        var mimeType = entry.Xattrs.FirstOrDefault(static xattr => xattr.Name.Span.SequenceEqual("user.mime_type"u8)).Value;
        if (ScannerChoice.Choose(name, mimeType.Span, head) is not { } scanner)
            return _plain;
        if (!_chunkers.TryGetValue(scanner, out var chunker))
            _chunkers.Add(scanner, chunker = new Chunker(_session.Store.Chunking, scanner));
        return chunker;
    }

    // The kind has to be known at once, by members that lead through this one.
    void Wait(TarInode inode, Dirent dirent)
    {
        inode.Dirent = dirent;
        _waiting.Add((inode, dirent));
    }

    ValueTask MakeRoomAsync(int length, CancellationToken cancellationToken) => _contents.Free.Length < length ? StoreAsync(cancellationToken) : default;

    async ValueTask StoreAsync(CancellationToken cancellationToken)
    {
        _session.Counters.CountBlocks(await _contents.StoreAsync(_session.Store, cancellationToken));
        for (var i = 0; i < _waiting.Count; i++)
        {
            var (inode, dirent) = _waiting[i];
            var holes = (ulong)_contents.HoleSpans[i];
            inode.Dirent = dirent with
            {
                Content = _contents.References[i],
                Metadata = holes == 0 ? dirent.Metadata : dirent.Metadata with { HoleSpan = holes },
            };
        }

        _waiting.Clear();
        _contents.Clear();
    }

    void Report(ImportIssueKind kind, byte[]? path, string why)
    {
        var issue = new ImportIssue(kind, path) { Why = why };
        IsPartial |= issue.IsFault;
        _session.Counters.CountIssue();
        _session.Options.OnIssue?.Invoke(issue);
    }

    static byte[] Join(List<byte[]> names, int count)
    {
        var path = new List<byte>();
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                path.Add((byte)'/');
            path.AddRange(names[i]);
        }

        return [.. path];
    }
}
