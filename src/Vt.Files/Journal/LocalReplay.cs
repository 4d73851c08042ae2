using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files.BackedFiles;
using Vt.Files.Inodes;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Journal;

/// <summary>
/// Puts what is local into a stored tree, as a list has it. First <see cref="Take"/>, while the log is opened, then <see cref="RunAsync"/>, before its records.
/// </summary>
/// <param name="store">Where the tree is stored.</param>
/// <param name="rules">What made it local.</param>
/// <param name="records">The list's records.</param>
sealed class LocalReplay(IBlockStore store, LocalRules rules, IReadOnlyList<byte[]> records)
{
    // By the list's own numbers.
    readonly Dictionary<ulong, Inode> _inodes = [];

    /// <summary>The files that the list names, each held for it.</summary>
    public HashSet<uint> Segments { get; } = [];

    /// <summary>Takes holds on all that the list names, and on the files that have it.</summary>
    /// <exception cref="FormatInvalidException">Something of it is missing.</exception>
    public void Take(LiveLog log)
    {
        foreach (var record in records)
        {
            var reader = new RecordReader(record);
            while (reader.Next())
            {
                if (reader.Kind != RecordKind.Extent)
                    continue;
                if (!log.Covers(reader.Place, reader.Length))
                    throw new FormatInvalidException($"{reader.Length} bytes of a local file are missing, at {reader.Place.Offset} of file {reader.Place.Segment:x8}");
                log.Retain(reader.Place, reader.Length);
                if (Segments.Add(reader.Place.Segment))
                    log.Pin(reader.Place.Segment);
            }
        }
    }

    /// <summary>Does what the list says.</summary>
    /// <exception cref="FormatInvalidException">A place that it names is not in the tree, or is taken.</exception>
    public async ValueTask RunAsync(LiveTree tree, CancellationToken cancellationToken)
    {
        tree.SetRules(rules);
        _inodes[NodeId.Root.Value] = tree.Root;
        foreach (var record in records)
        {
            for (var at = 0; at < record.Length;)
            {
                at = (RecordKind)record[at] switch
                {
                    RecordKind.Bind => await BindAsync(tree, record, at, cancellationToken),
                    RecordKind.BindIndirect => await BindIndirectAsync(tree, record, at, cancellationToken),
                    RecordKind.Enter => await EnterAsync(tree, record, at, cancellationToken),
                    _ => Apply(tree, record, at),
                };
            }
        }

        tree.HasLocalChanges = false;
    }

    async ValueTask<int> BindAsync(LiveTree tree, byte[] record, int at, CancellationToken cancellationToken)
    {
        var (id, directory, name, end) = Read(record, at);
        var found = (await tree.ResolveAsync(directory, name, 0, cancellationToken)).Inode;
        _inodes[id] = found is { Directory: not null }
            ? found
            : throw new FormatInvalidException($"local files lie in the folder '{LosslessText.FromBytes(name)}', which is not there");
        return end;

        (ulong, Inode, byte[], int) Read(byte[] record, int at)
        {
            var reader = ReaderAt(record, at);
            return (reader.Inode.Value, DirectoryOf(reader.Directory), reader.Name.ToArray(), at + reader.Position);
        }
    }

    async ValueTask<int> BindIndirectAsync(LiveTree tree, byte[] record, int at, CancellationToken cancellationToken)
    {
        var (id, uuid, end) = Read(record, at);
        var found = await tree.ResolveIndirectAsync(uuid, cancellationToken)
            ?? throw new FormatInvalidException($"local names lead to the hard links {uuid}, which are not there");
        found.Status.Xattrs = await StoredXattrs.LoadAsync(found.Status.Xattrs, store, cancellationToken);
        _inodes[id] = found;
        return end;

        static (ulong, Guid, int) Read(byte[] record, int at)
        {
            var reader = ReaderAt(record, at);
            return (reader.Inode.Value, reader.Uuid, at + reader.Position);
        }
    }

    async ValueTask<int> EnterAsync(LiveTree tree, byte[] record, int at, CancellationToken cancellationToken)
    {
        var (directory, name, inode, end) = Read(record, at);
        if (!directory.IsLocal && (await tree.ResolveAsync(directory, name, 0, cancellationToken)).Inode is not null)
            throw new FormatInvalidException($"there is a local name '{LosslessText.FromBytes(name)}' and a stored one");
        lock (tree.Gate)
            tree.EnterLocal(directory, name, inode);
        return end;

        (Inode, byte[], Inode, int) Read(byte[] record, int at)
        {
            var reader = ReaderAt(record, at);
            return (DirectoryOf(reader.Directory), reader.Name.ToArray(), InodeOf(reader.Inode), at + reader.Position);
        }
    }

    int Apply(LiveTree tree, byte[] record, int at)
    {
        var reader = ReaderAt(record, at);
        lock (tree.Gate)
        {
            switch (reader.Kind)
            {
                case RecordKind.Time:
                    break;
                case RecordKind.Make:
                    Make(tree, reader);
                    break;
                case RecordKind.Status:
                    tree.TouchAs(DirectoryOf(reader.Inode), reader.Status);
                    break;
                case RecordKind.SetXattr:
                    var inode = InodeOf(reader.Inode);
                    inode.Status.Xattrs = inode.Status.Xattrs.With(new Xattr(reader.Name.ToArray(), reader.Value.ToArray()), isRemoval: false);
                    break;
                default:
                    ApplyContent(tree, reader);
                    break;
            }
        }

        return at + reader.Position;
    }

    // Numbers of this list have nothing to do with those of the log.
    void Make(LiveTree tree, in RecordReader reader)
    {
        var inode = tree.Create(tree.NewId(), reader.Uuid, reader.MadeKind, reader.Status, reader.Device, reader.Content);
        inode.BoundEpoch = 0;
        _inodes[reader.Inode.Value] = inode;
    }

    void ApplyContent(LiveTree tree, in RecordReader reader)
    {
        var inode = InodeOf(reader.Inode);
        if (inode.Kind != DirentKind.File)
            throw new FormatInvalidException($"{inode} has a content");
        if (reader.Kind == RecordKind.Replace)
        {
            inode.Stored = reader.Content;
            inode.StoredHoles = new StoredContent(reader.Content).HoleSpan ?? 0;
            return;
        }

        var file = tree.ContentOf(inode);
        lock (file.Gate)
        {
            switch (reader.Kind)
            {
                case RecordKind.Extent:
                    file.Write(reader.Offset, reader.Length, reader.Place, 0);
                    break;
                case RecordKind.Stored:
                    file.PutStored(reader.Offset, reader.Length, reader.Content, reader.ContentOffset, 0);
                    break;
                case RecordKind.Resize:
                    file.Resize(reader.Length, 0);
                    break;
                default:
                    throw new FormatInvalidException($"a list has a record of kind {(int)reader.Kind}");
            }
        }
    }

    static RecordReader ReaderAt(byte[] record, int at)
    {
        var reader = new RecordReader(record.AsSpan(at));
        reader.Next();
        return reader;
    }

    Inode InodeOf(NodeId id) => _inodes.GetValueOrDefault(id.Value) ?? throw new FormatInvalidException($"a list speaks of inode {id.Value}, which it has not named");

    Inode DirectoryOf(NodeId id) => InodeOf(id) is { Directory: not null } directory ? directory : throw new FormatInvalidException($"a list takes inode {id.Value} for a directory");
}
