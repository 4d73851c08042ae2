using System.Security.Cryptography;
using Vt.Blocks.Contracts;
using Vt.Files.Inodes;
using Vt.Files.Reading;
using Vt.Posix;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Virtual;

/// <summary>
/// The virtual files that somebody has looked up: each is one stored folder in one format, for ever the same. Safe from any thread.
/// </summary>
/// <remarks>
/// Memory: a few hundred bytes for each that the kernel knows, until it forgets them, and the contents of the 8 that were read last. One is measured at a time.
/// </remarks>
/// <param name="formats">Which there are.</param>
/// <param name="directories">Reads folders.</param>
/// <param name="readAhead">What their readers may read ahead.</param>
sealed class VirtualFiles(IReadOnlyList<VirtualFormat> formats, DirectoryReader directories, ReadAheadBudget readAhead) : IDisposable
{
    const int MostReaders = 8;
    const uint Mode = 0x100; // for the owner to read
    const long SectorSize = 512;

    // The upper half of each number: no directory of a tree for reading gets it, and few inodes of a live one, with which the lower half is not shared.
    const uint Upper = 0xffff_fffe;

    // Guards everything below.
    readonly Lock _filesGate = new();
    readonly Dictionary<NodeId, VirtualFile> _files = [];
    readonly Dictionary<(VirtualFormat Format, Dirent Folder), VirtualFile> _byFolder = [];
    readonly List<VirtualFile> _read = new(MostReaders);

    readonly SemaphoreSlim _measuring = new(1, 1);

    /// <summary>Whether a node may be a virtual file's; of those that are not, hardly any.</summary>
    public static bool MayBe(NodeId node) => node.Directory == Upper;

    /// <summary>How many the kernel knows; for tests of forgetting.</summary>
    public int Count
    {
        get
        {
            lock (_filesGate)
                return _files.Count;
        }
    }

    /// <summary>The format that a name stands for; null of ordinary names.</summary>
    public VirtualFormat? FormatOf(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith(".vt-"u8))
            return null;
        foreach (var format in formats)
        {
            if (format.Name.Span.SequenceEqual(name))
                return format;
        }

        return null;
    }

    /// <summary>Whether a node is a virtual file.</summary>
    public bool Has(NodeId node) => MayBe(node) && Find(node) is not null;

    /// <summary>Looks up a folder's virtual file, which is measured where it isn't known; the caller holds a lookup of it.</summary>
    /// <param name="format">Which.</param>
    /// <param name="folder">The folder, with the inode table of its tree.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>EFBIG where the format can't hold so much.</returns>
    public async ValueTask<Outcome<FoundNode>> EnterAsync(VirtualFormat format, Dirent folder, CancellationToken cancellationToken)
    {
        folder = folder with { Name = default };
        if (TryEnter(format, folder) is { } known)
            return known;
        await _measuring.WaitAsync(cancellationToken);
        try
        {
            if (TryEnter(format, folder) is { } measured)
                return measured;
            var content = await format.MakeAsync(directories, folder, cancellationToken);
            lock (_filesGate)
            {
                var file = new VirtualFile(NextNode(), format, folder, content.Length) { Lookups = 1 };
                _files.Add(file.Node, file);
                _byFolder.Add((format, folder), file);
                Keep(file, content);
                return new FoundNode(file.Node, AttributesOf(file));
            }
        }
        catch (UserErrorException)
        {
            return Errno.EFBIG;
        }
        finally
        {
            _measuring.Release();
        }
    }

    /// <summary>Counts a lookup of a node; null where it is none.</summary>
    public FoundNode? Enter(NodeId node)
    {
        lock (_filesGate)
        {
            if (!_files.TryGetValue(node, out var file))
                return null;
            file.Lookups++;
            return new FoundNode(node, AttributesOf(file));
        }
    }

    /// <summary>Takes back lookups.</summary>
    public void Forget(NodeId node, ulong count)
    {
        lock (_filesGate)
        {
            if (!_files.TryGetValue(node, out var file))
                return;
            file.Lookups -= Math.Min(count, file.Lookups);
            if (file.Lookups > 0)
                return;
            _files.Remove(node);
            _byFolder.Remove((file.Format, file.Folder));
            if (_read.Remove(file))
                Drop(file);
        }
    }

    /// <summary>What stat(2) tells; null of a node that is none.</summary>
    public InodeAttributes? Getattr(NodeId node) => Find(node) is { } file ? AttributesOf(file) : null;

    /// <summary>Reads; ESTALE of a node that is none.</summary>
    public async ValueTask<Outcome<int>> ReadAsync(NodeId node, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        VirtualFile? file;
        ContentReader? reader = null;
        lock (_filesGate)
        {
            if (_files.TryGetValue(node, out file) && file.Reader is { } ready)
            {
                reader = ready;
                _read.Remove(file);
                _read.Add(file);
            }
        }

        if (file is null)
            return Errno.ESTALE;
        reader ??= await OpenAsync(file, cancellationToken);
        return await reader.ReadAsync(offset, destination, cancellationToken);
    }

    /// <summary>Where data or a hole comes next: it is all data.</summary>
    public Outcome<long> Seek(NodeId node, long offset, int whence)
    {
        if (Find(node) is not { } file)
            return Errno.ESTALE;
        if (whence is not (PosixFile.SEEK_DATA or PosixFile.SEEK_HOLE))
            return Errno.EINVAL;
        if (offset < 0 || offset >= file.Length)
            return Errno.ENXIO;
        return whence == PosixFile.SEEK_DATA ? offset : file.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_filesGate)
        {
            _read.ForEach(Drop);
            _read.Clear();
        }

        _measuring.Dispose();
    }

    VirtualFile? Find(NodeId node)
    {
        lock (_filesGate)
            return _files.GetValueOrDefault(node);
    }

    FoundNode? TryEnter(VirtualFormat format, Dirent folder)
    {
        lock (_filesGate)
        {
            if (!_byFolder.TryGetValue((format, folder), out var file))
                return null;
            file.Lookups++;
            return new FoundNode(file.Node, AttributesOf(file));
        }
    }

    // Of one that was not read for long only the length is known.
    async ValueTask<ContentReader> OpenAsync(VirtualFile file, CancellationToken cancellationToken)
    {
        await _measuring.WaitAsync(cancellationToken);
        try
        {
            lock (_filesGate)
            {
                if (file.Reader is { } ready)
                    return ready;
            }

            var content = await file.Format.MakeAsync(directories, file.Folder, cancellationToken);
            lock (_filesGate)
                return Keep(file, content);
        }
        finally
        {
            _measuring.Release();
        }
    }

    ContentReader Keep(VirtualFile file, IVirtualContent content)
    {
        var reader = new ContentReader(content.Length, content.ReadAsync, readAhead);

        // One that was forgotten meanwhile is read to the end of what is under way.
        if (!_files.ContainsKey(file.Node))
            return reader;
        if (_read.Count == MostReaders)
        {
            Drop(_read[0]);
            _read.RemoveAt(0);
        }

        file.Reader = reader;
        _read.Add(file);
        return reader;
    }

    static void Drop(VirtualFile file)
    {
        file.Reader?.Dispose();
        file.Reader = null;
    }

    NodeId NextNode()
    {
        while (true)
        {
            var node = NodeId.At(Upper, RandomNumberGenerator.GetInt32(int.MaxValue));
            if (!_files.ContainsKey(node))
                return node;
        }
    }

    // Whoever reads it reads all that is below the folder: that is for the owner of the mount alone.
    static InodeAttributes AttributesOf(VirtualFile file)
    {
        var time = file.Folder.Metadata.ModificationTime ?? default(Timestamp);
        return new InodeAttributes
        {
            Number = file.Node.Value,
            Mode = ModeBits.S_IFREG | Mode,
            Links = 1,
            Uid = Ownership.EffectiveUser,
            Gid = Ownership.EffectiveGroup,
            Size = file.Length,
            Blocks = (file.Length + SectorSize - 1) / SectorSize,
            Modified = (time.Seconds, time.Nanoseconds),
            Changed = (time.Seconds, time.Nanoseconds),
        };
    }
}
