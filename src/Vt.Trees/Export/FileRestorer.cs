using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Trees.Export;

/// <summary>
/// Makes the entries of batches: fetches the blocks of many files at once and writes them. Not thread-safe; each worker has
/// its own.
/// </summary>
/// <remarks>Memory: blocks of 4 MiB and one more, and the plan for them.</remarks>
sealed class FileRestorer(ExportSession session) : IDisposable
{
    const long MostBytes = 4 << 20;
    const int MostExtents = 4096;
    const int LongestTarget = 4095;
    const int RunRoom = 64 << 10;
    const uint WhileWritten = 0x180;

    readonly List<(ExportJob Job, LeafExtent Extent)> _plan = [];
    readonly Queue<ExportJob> _links = [];
    readonly NodeCache _nodes = new();
    BlockHash[] _hashes = new BlockHash[256];
    BlockLease[] _blocks = new BlockLease[256];
    byte[] _run = [];
    long _planned;

    /// <summary>Makes all entries of a batch and those that waited for one of them. A store that can't answer is an exception.</summary>
    public async ValueTask RunAsync(ExportBatch batch, CancellationToken cancellationToken)
    {
        foreach (var job in batch.Jobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (job.Link is null)
                await StartAsync(job, cancellationToken);
            else
                _links.Enqueue(job);
        }

        await WritePlanAsync(cancellationToken);
        while (_links.TryDequeue(out var job))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ResolveAsync(job, cancellationToken);
            if (_links.Count == 0)
                await WritePlanAsync(cancellationToken);
        }
    }

    /// <summary>Removes what was begun and not ended.</summary>
    public void Dispose()
    {
        foreach (var (job, _) in _plan)
            Abandon(job);
        _plan.Clear();
    }

    async ValueTask ResolveAsync(ExportJob job, CancellationToken cancellationToken)
    {
        if (!job.Link!.TryResolve(job, out var made, out var damage))
            return;
        if (damage is not null)
        {
            session.Report(ExportIssueKind.Damaged, job.Directory, job.Name.Span, damage);
            Settle(job);
        }
        else if (made is not null)
        {
            LinkTo(job, made);
        }
        else
        {
            await StartAsync(job, cancellationToken);
        }
    }

    async ValueTask StartAsync(ExportJob job, CancellationToken cancellationToken)
    {
        try
        {
            if (job.Dirent!.Kind == DirentKind.File)
                await PlanAsync(job, cancellationToken);
            else
                await MakeSpecialAsync(job, cancellationToken);
        }
        catch (PosixException fault)
        {
            GiveUp(job, fault.Error == Errno.EEXIST ? ExportIssueKind.Exists : ExportIssueKind.NotMade, fault);
        }
        catch (Exception fault) when (fault is BlockMissingException or BlockCorruptException or FormatInvalidException)
        {
            GiveUp(job, ExportIssueKind.Damaged, fault);
        }
        catch (Exception) when (Abandon(job))
        {
            throw;
        }
    }

    async ValueTask PlanAsync(ExportJob job, CancellationToken cancellationToken)
    {
        var content = job.Dirent!.Content;
        if (content.Span > MostBytes - _planned || _plan.Count >= MostExtents / 2)
            await WritePlanAsync(cancellationToken);
        if (content.Span == 0)
        {
            Create(job);
            Finish(job);
        }
        else if (content.Kind is BlockRefKind.Direct or BlockRefKind.Literal or BlockRefKind.Run)
        {
            Plan(job, new LeafExtent(0, content.Span, content, 0));
        }
        else
        {
            await foreach (var extent in new BlockTreeReader(session.Store, content, _nodes).GetLeavesAsync(0, content.Span, cancellationToken))
            {
                if (_plan.Count >= MostExtents || (_planned > 0 && extent.Leaf.Span > MostBytes - _planned))
                    await WritePlanAsync(cancellationToken);

                if (job.IsSettled)
                    return;
                Plan(job, extent);
            }
        }
    }

    void Plan(ExportJob job, in LeafExtent extent)
    {
        _plan.Add((job, extent));
        if (extent.Leaf.Kind == BlockRefKind.Direct)
            _planned += extent.Leaf.Span;
    }

    async ValueTask WritePlanAsync(CancellationToken cancellationToken)
    {
        if (_plan.Count == 0)
            return;
        var count = CollectHashes();
        var isComplete = await TryFetchAsync(count, cancellationToken);
        try
        {
            var next = 0;
            foreach (var (job, extent) in _plan)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var isBlock = extent.Leaf.Kind == BlockRefKind.Direct;
                if (!job.IsSettled && !isComplete && isBlock)
                    await FetchOneAsync(job, next, cancellationToken);
                if (!job.IsSettled)
                    Write(job, extent, isBlock ? _blocks[next] : default);
                if (isBlock)
                    next++;
            }
        }
        catch (Exception) when (AbandonPlan())
        {
            throw;
        }
        finally
        {
            for (var i = 0; i < count; i++)
                _blocks[i].Dispose();
            Array.Clear(_blocks, 0, count);
        }

        _plan.Clear();
        _planned = 0;
    }

    int CollectHashes()
    {
        if (_hashes.Length < _plan.Count)
        {
            _hashes = new BlockHash[Math.Max(_plan.Count, MostExtents)];
            _blocks = new BlockLease[_hashes.Length];
        }

        var count = 0;
        foreach (var (_, extent) in _plan)
        {
            if (extent.Leaf.Kind == BlockRefKind.Direct)
                _hashes[count++] = extent.Leaf.Hash;
        }

        return count;
    }

    // One damaged block fails the whole request; each is then asked for by itself, so that the others' files come back.
    async ValueTask<bool> TryFetchAsync(int count, CancellationToken cancellationToken)
    {
        if (count == 0)
            return true;
        try
        {
            await session.Store.GetManyAsync(_hashes.AsMemory(0, count), _blocks.AsMemory(0, count), cancellationToken);
            return true;
        }
        catch (Exception fault) when (fault is BlockMissingException or BlockCorruptException or FormatInvalidException)
        {
            Array.Clear(_blocks, 0, count);
            return false;
        }
    }

    async ValueTask FetchOneAsync(ExportJob job, int index, CancellationToken cancellationToken)
    {
        try
        {
            _blocks[index] = await session.Store.GetAsync(_hashes[index], cancellationToken);
        }
        catch (Exception fault) when (fault is BlockMissingException or BlockCorruptException or FormatInvalidException)
        {
            GiveUp(job, ExportIssueKind.Damaged, fault);
        }
    }

    void Write(ExportJob job, in LeafExtent extent, in BlockLease block)
    {
        try
        {
            // Before the file is made: a small one is checked whole then, as its blocks are all here.
            if (extent.Leaf.Kind == BlockRefKind.Direct)
                Check(extent.Leaf, block);
            if (job.File is null)
                Create(job);
            WriteExtent(job, extent, block);
            job.Done += extent.Length;
            session.Counters.CountBytes(extent.Length);
            if (job.Done == job.Dirent!.Size)
                Finish(job);
        }
        catch (PosixException fault)
        {
            GiveUp(job, fault.Error == Errno.EEXIST ? ExportIssueKind.Exists : ExportIssueKind.NotMade, fault);
        }
        catch (Exception fault) when (fault is BlockMissingException or BlockCorruptException)
        {
            GiveUp(job, ExportIssueKind.Damaged, fault);
        }
    }

    void Check(in BlockRef leaf, in BlockLease block)
    {
        if (!block.IsPresent)
            throw new BlockMissingException(leaf.Hash, session.Store.Description);
        if (block.Memory.Length != leaf.Span)
            throw new BlockCorruptException(leaf.Hash, session.Store.Description, $"it has {block.Memory.Length} bytes, not {leaf.Span}");
    }

    void WriteExtent(ExportJob job, in LeafExtent extent, in BlockLease block)
    {
        var file = job.File!;
        job.EndsInHole = extent.IsHole;
        if (extent.IsHole)
            return;
        if (extent.Leaf.Kind == BlockRefKind.Run)
        {
            if (_run.Length == 0)
                _run = new byte[RunRoom];
            var piece = _run.AsSpan(0, (int)Math.Min(RunRoom, extent.Length));
            piece.Fill(extent.Leaf.RunByte);
            for (long done = 0; done < extent.Length; done += piece.Length)
                PosixFile.PwriteFully(file, piece[..(int)Math.Min(piece.Length, extent.Length - done)], extent.Offset + done);
            return;
        }

        var bytes = extent.Leaf.Kind == BlockRefKind.Direct ? block.Span : extent.Leaf.LiteralBytes.Span;
        PosixFile.PwriteFully(file, bytes.Slice((int)extent.LeafOffset, (int)extent.Length), extent.Offset);
    }

    // Opens a file for an entry. It has no name, or another, until it is whole: whoever looks, and whatever ends the export, there
    // is all of a file or nothing.
    void Create(ExportJob job)
    {
        const OpenFlags Named = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
        using var folder = job.Directory.Open();
        var mayBeThere = !job.Directory.IsNew && !session.Options.Overwrite;
        if (mayBeThere && PosixFile.TryStatAt(folder.File, job.Name.Span, follow: false, out _) == Errno.OK)
            throw PosixException.For(Errno.EEXIST, "open", job.Name.Span);
        var error = Errno.EOPNOTSUPP;
        FileDescriptor? file = null;
        if (session.MayMakeUnnamed)
            error = PosixFile.TryOpenAt(folder.File, "."u8, OpenFlags.O_WRONLY | OpenFlags.O_TMPFILE, WhileWritten, out file);

        // EISDIR and EINVAL: what file systems say that know no such files. Another one may be mounted below the destination.
        while (error is Errno.EOPNOTSUPP or Errno.EISDIR or Errno.EINVAL or Errno.EEXIST)
        {
            file?.Dispose();
            job.TemporaryName = TemporaryNames.Next();
            error = PosixFile.TryOpenAt(folder.File, job.TemporaryName, Named, WhileWritten, out file);
            if (error is not Errno.EEXIST)
                break;
        }

        if (error == Errno.OK)
        {
            job.File = file;
            return;
        }

        job.TemporaryName = null;
        file?.Dispose();
        throw PosixException.For(error, "open", job.Name.Span);
    }

    // Makes something that is whole as soon as it is there: under its own name, or, where something is to be replaced, under another.
    void Make(ExportJob job, Func<ReadOnlyMemory<byte>, Errno> create)
    {
        var error = create(job.Name);
        while (error == Errno.EEXIST && session.Options.Overwrite)
        {
            job.TemporaryName = TemporaryNames.Next();
            error = create(job.TemporaryName);
            if (error != Errno.EEXIST)
                break;
        }

        if (error == Errno.OK)
            return;
        job.TemporaryName = null;
        throw PosixException.For(error, "open", job.Name.Span);
    }

    void Finish(ExportJob job)
    {
        var file = job.File!;
        if (job.EndsInHole)
            PosixFile.Ftruncate(file, job.Dirent!.Size);
        session.Metadata.Restore(job, file);
        using (var opened = job.Directory.Open())
        {
            var folder = opened.File;
            if (job.TemporaryName is null)
                Make(job, name => PosixFile.TryLinkFileAt(file, folder, name.Span));
            Place(job, folder);
        }

        job.File = null;
        file.Dispose();
        Settle(job, made: true);
    }

    // Gives an entry its own name.
    void Place(ExportJob job, FileDescriptor folder)
    {
        if (job.TemporaryName is not { } temporary)
            return;
        var error = TemporaryNames.Place(folder, temporary, job.Name.Span, session.Options.Overwrite);
        if (error != Errno.OK)
        {
            _ = PosixFile.TryUnlinkAt(folder, temporary);
            job.TemporaryName = null;
            throw PosixException.For(error, "rename", job.Name.Span);
        }

        job.TemporaryName = null;
    }

    async ValueTask MakeSpecialAsync(ExportJob job, CancellationToken cancellationToken)
    {
        var dirent = job.Dirent!;
        var target = Array.Empty<byte>();
        uint type;
        if (dirent.Kind == DirentKind.Symlink)
        {
            type = ModeBits.S_IFLNK;
            if (dirent.Size is 0 or > LongestTarget)
                throw new FormatInvalidException($"a symbolic link's target can't have {dirent.Size} bytes");
            target = new byte[dirent.Size];
            await new BlockTreeReader(session.Store, dirent.Content, _nodes).ReadAsync(0, target, cancellationToken);
        }
        else
        {
            type = dirent.Kind switch
            {
                DirentKind.Fifo => ModeBits.S_IFIFO,
                DirentKind.Socket => ModeBits.S_IFSOCK,
                DirentKind.CharacterDevice => ModeBits.S_IFCHR,
                DirentKind.BlockDevice => ModeBits.S_IFBLK,
                _ => throw new FormatInvalidException($"an inode can't be of kind {dirent.Kind}"),
            };
        }

        MakeSpecial(job, type, target);
        Settle(job, made: true);
    }

    // Makes a symbolic link to a target, or a node of another type.
    void MakeSpecial(ExportJob job, uint type, byte[] target)
    {
        using var opened = job.Directory.Open();
        var folder = opened.File;
        var device = type is ModeBits.S_IFCHR or ModeBits.S_IFBLK && job.Dirent!.Metadata.Device is { } id ? DeviceNumber.Make(id.Major, id.Minor) : 0;
        Make(
            job,
            name => type == ModeBits.S_IFLNK
                ? PosixFile.TrySymlinkAt(target, folder, name.Span)
                : PosixFile.TryMknodAt(folder, name.Span, type | WhileWritten, device));
        session.Metadata.RestoreSpecial(job, folder, type, device);
        Place(job, folder);
    }

    void LinkTo(ExportJob job, ExportJob made)
    {
        try
        {
            using (var from = made.Directory.Open())
            using (var folder = job.Directory.Open())
                Link(job, folder.File, made.Name, from.File);
            Settle(job, made: true);
        }
        catch (PosixException fault)
        {
            session.Report(fault.Error == Errno.EEXIST ? ExportIssueKind.Exists : ExportIssueKind.NotMade, job.Directory, job.Name.Span, fault);
            Settle(job);
        }
    }

    void Link(ExportJob job, FileDescriptor folder, ReadOnlyMemory<byte> existing, FileDescriptor from)
    {
        Make(job, name => PosixFile.TryLinkAt(from, existing.Span, folder, name.Span));
        var temporary = job.TemporaryName;
        Place(job, folder);

        // rename(2) leaves both names where both are of one inode already.
        if (temporary is not null)
            _ = PosixFile.TryUnlinkAt(folder, temporary);
    }

    void GiveUp(ExportJob job, ExportIssueKind kind, Exception cause)
    {
        Abandon(job);
        session.Report(kind, job.Directory, job.Name.Span, cause);
        Settle(job, damage: kind == ExportIssueKind.Damaged ? cause : null);
    }

    // Removes what was begun. Always false: it serves as an exception filter too.
    static bool Abandon(ExportJob job)
    {
        job.File?.Dispose();
        job.File = null;
        if (job.TemporaryName is { } temporary)
        {
            try
            {
                using var folder = job.Directory.Open();
                _ = PosixFile.TryUnlinkAt(folder.File, temporary);
            }
            catch (PosixException)
            {
                // The directory is gone, and what was in it.
            }
        }

        job.TemporaryName = null;
        return false;
    }

    bool AbandonPlan()
    {
        foreach (var (job, _) in _plan)
            Abandon(job);
        return false;
    }

    void Settle(ExportJob job, bool made = false, Exception? damage = null)
    {
        job.IsSettled = true;
        if (made)
            session.Counters.CountEntry();

        // Only the name that makes the inode has it.
        if (job.Link is { } link && job.Dirent is not null)
        {
            job.Dirent = null;
            foreach (var waiting in link.Settle(made ? job : null, damage))
                _links.Enqueue(waiting);
        }

        job.Directory.Release();
    }
}
