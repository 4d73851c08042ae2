using Vt.Files.Access;
using Vt.Files.BackedFiles;
using Vt.Files.Inodes;
using Vt.Files.Journal;
using Vt.Posix;
using Vt.Trees.Dirents;

namespace Vt.Files;

/// <content>Operations on the content of files.</content>
public sealed partial class LiveFileSystem
{
    // From here on bytes lie in bulk files, where they need not be durable until somebody asks for it.
    const int BulkLength = 64 << 10;

    // How many ranges one record tells of at most.
    const int MostPieces = 1024;

    // As large as a file may be: what fits into 63 bits, less what a page of the kernel's may reach over.
    const long LargestFile = long.MaxValue - 4096;

    /// <summary>Reads a file's content.</summary>
    /// <returns>How many bytes were read: fewer than asked for only at the end of the file.</returns>
    public ValueTask<Outcome<int>> ReadAsync(NodeId node, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (IsVirtual(node))
            return GuardAsync(_tree.Root, $"reading {destination.Length} bytes of an archive at {offset}", () => _virtual.ReadAsync(node, offset, destination, cancellationToken));
        if (TryFindFile(node, out var inode) is var error && error != Errno.OK)
            return RefuseAsync<int>(error);
        var read = _tree.ContentOf(inode).ReadAsync(offset, destination, cancellationToken);
        if (read.IsCompletedSuccessfully)
            return new((Outcome<int>)read.Result);
        return GuardAsync(inode, $"reading {destination.Length} bytes at {offset}", async () => (Outcome<int>)await read);
    }

    /// <summary>Writes to a file; what is written is seen at once. Waits only where more than may be waits to be stored.</summary>
    /// <param name="node">The file.</param>
    /// <param name="offset">Where, from its beginning.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="killPrivileges">Whether setuid, setgid and capabilities go.</param>
    /// <param name="cancellationToken">Gives up waiting, where too much waits to be stored.</param>
    /// <returns>How many were written: all.</returns>
    public ValueTask<Outcome<int>> WriteAsync(
        NodeId node, long offset, ReadOnlyMemory<byte> data, bool killPrivileges = false, CancellationToken cancellationToken = default)
    {
        if (TryFindFile(node, out var inode) is var error && error != Errno.OK)
            return RefuseAsync<int>(error);
        if (offset < 0)
            return RefuseAsync<int>(Errno.EINVAL);
        if (offset > LargestFile - data.Length)
            return RefuseAsync<int>(Errno.EFBIG);
        if (data.IsEmpty)
            return new((Outcome<int>)0);
        if (!_space.TryTake(data.Length) || (_space.IsLimited && !inode.IsLocal && !_space.TryTakeContent(GrowthOf(inode, offset, data.Length))))
        {
            return _space.IsLimited
                ? GuardAsync(inode, $"writing {data.Length} bytes at {offset}", async () =>
                {
                    await LoadXattrsAsync(inode, cancellationToken);
                    return await MakesRoomAsync(inode, offset, data.Length, cancellationToken) ? Write(inode, offset, data.Span, killPrivileges) : Errno.ENOSPC;
                })
                : RefuseAsync<int>(Errno.ENOSPC);
        }

        if (killPrivileges && inode.Status.Xattrs.IsStored)
        {
            return GuardAsync(inode, $"writing {data.Length} bytes at {offset}", async () =>
            {
                await LoadXattrsAsync(inode, cancellationToken);
                await _throttle.WaitAsync(cancellationToken);
                return Write(inode, offset, data.Span, killPrivileges);
            });
        }

        if (data.Length < BulkLength || inode.IsLocal || !_throttle.HasToWait(data.Length))
            return new(Write(inode, offset, data.Span, killPrivileges));
        return GuardAsync(inode, $"writing {data.Length} bytes at {offset}", async () =>
        {
            await _throttle.WaitAsync(cancellationToken);
            return Write(inode, offset, data.Span, killPrivileges);
        });
    }

    // What was written into holes twice, or removed, has been counted as more than it is until then.
    async ValueTask<bool> MakesRoomAsync(Inode inode, long offset, long length, CancellationToken cancellationToken)
    {
        await _checkpointer.RunAsync(cancellationToken, isRoomShort: true);
        return _space.TryTake(length) && _space.TryTakeContent(GrowthOf(inode, offset, length));
    }

    // How much more content a file has after a write, or more than that where it has holes.
    long GrowthOf(Inode inode, long offset, long length)
    {
        var file = _tree.ContentOf(inode);
        return file.TryGetHoleSpan(out var holes) && holes == 0 ? Math.Max(0, offset + length - Math.Max(offset, file.Size)) : length;
    }

    Outcome<int> Write(Inode inode, long offset, ReadOnlySpan<byte> data, bool killPrivileges)
    {
        try
        {
            if (killPrivileges)
                KillPrivileges(inode);
            if (!(data.Length >= BulkLength ? TryWriteBulk(inode, offset, data) : TryWriteInLog(inode, offset, data)))
                return Errno.EPERM;
            _checkpointer.Note(data.Length);
            return data.Length;
        }
        catch (PosixException fault)
        {
            _faults.Say($"{PathOf(inode)}: writing {data.Length} bytes at {offset}: {fault.Message}", fault.Message);
            return fault.Error;
        }
    }

    /// <summary>Reserves, empties or zeroes a range of a file: fallocate(2).</summary>
    /// <param name="node">The file.</param>
    /// <param name="offset">Where the range starts.</param>
    /// <param name="length">How long it is, 1 or more.</param>
    /// <param name="kind">What to do.</param>
    /// <param name="keepSize">Whether the file keeps its length where the range reaches beyond its end.</param>
    /// <param name="caller">Who asks: setuid, setgid and capabilities go, unless it is root.</param>
    public Errno Fallocate(NodeId node, long offset, long length, AllocationKind kind, bool keepSize, Caller caller = default)
    {
        if (TryFindFile(node, out var inode) is var error && error != Errno.OK)
            return error;
        if (offset < 0 || length <= 0)
            return Errno.EINVAL;
        if (offset > LargestFile - length)
            return Errno.EFBIG;
        if (_options.IsAppendOnly && kind != AllocationKind.Allocate)
            return Errno.EPERM;
        if (kind != AllocationKind.PunchHole && !_space.Has(length))
            return Errno.ENOSPC;
        return Change(
            inode,
            "allocating",
            Stored(caller),
            file =>
            {
                var (cleared, end) = RangesOf(file);
                if (cleared > 0)
                    _record.Zero(inode.Id, offset, cleared);
                if (end != file.Size)
                    _record.Resize(inode.Id, end);
            },
            file =>
            {
                var (cleared, end) = RangesOf(file);
                if (cleared > 0)
                    file.Clear(offset, cleared, _tree.Epoch);
                if (end != file.Size)
                    file.Resize(end, _tree.Epoch);
                if (kind == AllocationKind.PunchHole)
                    file.Unreserve(offset, length);
                else
                    file.Reserve(offset, length);
            });

        (long Cleared, long End) RangesOf(BackedFile file) => (
            kind == AllocationKind.Allocate ? 0 : Math.Min(length, Math.Max(0, file.Size - offset)),
            keepSize || kind == AllocationKind.PunchHole ? file.Size : Math.Max(file.Size, offset + length));
    }

    /// <summary>Copies a range from one file to another, or within one, without copying bytes: copy_file_range(2).</summary>
    /// <returns>How many bytes: fewer than asked for only where the source ends.</returns>
    public Outcome<long> CopyRange(NodeId source, long offset, NodeId target, long targetOffset, long length, Caller caller = default)
    {
        if (TryFindFile(source, out var from) is var error && error != Errno.OK)
            return error;
        if (TryFindFile(target, out var to) is var other && other != Errno.OK)
            return other;
        if (offset < 0 || targetOffset < 0 || length < 0)
            return Errno.EINVAL;
        if (targetOffset > LargestFile - length)
            return Errno.EFBIG;
        if (from == to && offset < targetOffset + length && targetOffset < offset + length)
            return Errno.EINVAL;
        var content = _tree.ContentOf(from);
        List<(long Offset, long Length, ExtentSource Source)> pieces;
        lock (content.Gate)
        {
            length = Math.Min(length, Math.Max(0, content.Size - offset));
            pieces = content.Sources(offset, length);
        }

        // As many as one record can tell: who asked asks again for the rest.
        if (pieces.Count > MostPieces)
        {
            Release(pieces[MostPieces..]);
            length = pieces[MostPieces].Offset - offset;
            pieces.RemoveRange(MostPieces, pieces.Count - MostPieces);
        }

        if (length == 0)
            return 0L;
        if (!_space.TryTakeContent(length))
        {
            Release(pieces);
            return Errno.ENOSPC;
        }

        var changed = Change(
            to,
            "copying",
            Stored(caller),
            _ =>
            {
                foreach (var (at, count, piece) in pieces)
                    RecordSource(to, targetOffset + at - offset, count, piece);
            },
            file => file.PutAll(pieces, targetOffset - offset, _tree.Epoch),
            file => _options.IsAppendOnly && targetOffset < file.Size);
        if (changed == Errno.OK)
            return length;
        Release(pieces);
        return changed;
    }

    /// <summary>Where data or a hole comes next: lseek(2).</summary>
    /// <param name="node">The file.</param>
    /// <param name="offset">From where.</param>
    /// <param name="whence"><see cref="PosixFile.SEEK_DATA"/> or <see cref="PosixFile.SEEK_HOLE"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<Outcome<long>> LseekAsync(NodeId node, long offset, int whence, CancellationToken cancellationToken = default)
    {
        if (IsVirtual(node))
            return new(_virtual.Seek(node, offset, whence));
        if (TryFindFile(node, out var inode) is var error && error != Errno.OK)
            return RefuseAsync<long>(error);
        if (whence is not (PosixFile.SEEK_DATA or PosixFile.SEEK_HOLE))
            return RefuseAsync<long>(Errno.EINVAL);
        return GuardAsync(inode, "seeking", async () =>
        {
            var file = _tree.ContentOf(inode);
            if (offset < 0 || offset >= file.Size)
                return Errno.ENXIO;
            var found = whence == PosixFile.SEEK_DATA
                ? await file.SeekDataAsync(offset, cancellationToken)
                : await file.SeekHoleAsync(offset, cancellationToken);
            return found is { } at ? (Outcome<long>)at : Errno.ENXIO;
        });
    }

    Errno TryFindFile(NodeId node, out Inode inode)
    {
        inode = _tree.Find(node)!;
        if (inode is null)
            return Errno.ESTALE;
        return inode.Kind switch
        {
            DirentKind.File => Errno.OK,
            DirentKind.Directory => Errno.EISDIR,
            _ => Errno.EINVAL,
        };
    }

    bool TryWriteInLog(Inode inode, long offset, ReadOnlySpan<byte> data)
    {
        Span<byte> record = stackalloc byte[RecordWriter.LongestWrite];
        var file = _tree.ContentOf(inode);
        using (_gate.Enter())
        {
            BindAlone(inode);
            var now = Now();
            lock (inode.Gate)
            {
                var kind = inode.BoundEpoch == _tree.Epoch ? RecordKind.Write : RecordKind.Scratch;
                lock (file.Gate)
                {
                    if (_options.IsAppendOnly && offset < file.Size)
                        return false;
                    var length = RecordWriter.Write(record, kind, now, inode.Id, offset);
                    _log.Append(record[..length], data, out var place);
                    file.Write(offset, data.Length, place, _tree.Epoch);
                }

                inode.Status.Modified = inode.Status.Changed = now;
            }

            _tree.MarkChanged(inode);
            return true;
        }
    }

    bool TryWriteBulk(Inode inode, long offset, ReadOnlySpan<byte> data)
    {
        var place = _log.WriteBulk(data, out var checksum, inode.IsLocal);
        var isTaken = false;
        try
        {
            using (_gate.Enter())
            {
                var now = Now();
                var file = _tree.ContentOf(inode);
                lock (_tree.Gate)
                {
                    lock (inode.Gate)
                    {
                        // The log and the file have what overlaps in the same order.
                        lock (file.Gate)
                        {
                            if (_options.IsAppendOnly && offset < file.Size)
                                return false;
                            if (!inode.IsOrphan)
                            {
                                _record.Begin(now);
                                Bind(inode);
                                _record.Extent(inode.Id, offset, data.Length, place, checksum);
                                Append();
                            }

                            file.Write(offset, data.Length, place, _tree.Epoch);
                        }

                        isTaken = true;
                        inode.Status.Modified = inode.Status.Changed = now;
                    }
                }

                _tree.MarkChanged(inode);
                if (!inode.IsLocal)
                    _early.Note(inode, file);
                return true;
            }
        }
        finally
        {
            if (!isTaken)
                _log.Release(place, data.Length);
        }
    }

    // Lets records speak of an inode by its number, unless it has no name.
    void BindAlone(Inode inode)
    {
        if (inode.BoundEpoch == _tree.Epoch)
            return;
        lock (_tree.Gate)
        {
            if (inode.IsOrphan)
                return;
            _record.Begin(Now());
            Bind(inode);
            if (_bound.Count > 0)
                Append();
        }
    }

    // A change of a file's content: first the record of it, then, once that is in the log, the change itself.
    Errno Change(Inode inode, string doing, Caller caller, Action<BackedFile> record, Action<BackedFile> apply, Func<BackedFile, bool>? isRefused = null)
    {
        try
        {
            var file = _tree.ContentOf(inode);
            using (_gate.Enter())
            {
                lock (_tree.Gate)
                {
                    var now = Now();
                    lock (inode.Gate)
                    {
                        lock (file.Gate)
                        {
                            if (isRefused?.Invoke(file) == true)
                                return Errno.EPERM;
                            var status = inode.Status;
                            if (caller.Uid != 0)
                                KillPrivileges(ref status, caller);
                            status.Modified = status.Changed = now;
                            _record.Begin(now);

                            // Also of what has no name, since it says what there is to apply.
                            if (!inode.IsOrphan)
                                Bind(inode);
                            record(file);
                            if (!inode.IsOrphan)
                            {
                                _record.Status(inode.Id, status);
                                RecordXattrs(inode, inode.Status.Xattrs, status.Xattrs);
                                Append();
                            }

                            apply(file);
                            inode.Status = status;
                        }
                    }

                    _tree.MarkChanged(inode);
                }
            }

            return Errno.OK;
        }
        catch (PosixException fault)
        {
            _faults.Say($"{PathOf(inode)}: {doing}: {fault.Message}", fault.Message);
            return fault.Error;
        }
    }

    void Resize(Inode inode, long size)
    {
        var file = _tree.ContentOf(inode);
        lock (file.Gate)
            file.Resize(size, _tree.Epoch);
    }

    // As setattr_should_drop_sgid does in the kernel, but for further groups of the caller, of which we aren't told.
    static void KillPrivileges(ref InodeStatus status, Caller caller)
    {
        KillPrivileges(ref status);
        if (status.Gid != caller.Gid)
            status.Mode &= ~ModeBits.S_ISGID;
    }

    void KillPrivileges(Inode inode)
    {
        using (_gate.Enter())
        {
            lock (_tree.Gate)
            {
                InodeStatus before;
                lock (inode.Gate)
                    before = inode.Status;
                var after = before;
                KillPrivileges(ref after);
                if (after.Mode == before.Mode && ReferenceEquals(after.Xattrs, before.Xattrs))
                    return;
                if (!inode.IsOrphan)
                {
                    _record.Begin(Now());
                    Bind(inode);
                    _record.Status(inode.Id, after);
                    RecordXattrs(inode, before.Xattrs, after.Xattrs);
                    Append();
                }

                lock (inode.Gate)
                    inode.Status = after;
                _tree.MarkChanged(inode);
            }
        }
    }

    void RecordSource(Inode inode, long offset, long length, in ExtentSource source)
    {
        switch (source.Kind)
        {
            case ExtentSourceKind.Log:
                _record.Extent(inode.Id, offset, length, source.Place, checksum: null);
                break;
            case ExtentSourceKind.Stored:
                _record.Stored(inode.Id, offset, length, source.Content.Content, source.ContentOffset);
                break;
            default:
                _record.Zero(inode.Id, offset, length);
                break;
        }
    }

    void Release(List<(long Offset, long Length, ExtentSource Source)> pieces)
    {
        foreach (var (_, length, source) in pieces)
        {
            if (source.Kind == ExtentSourceKind.Log)
                _log.Release(source.Place, length);
        }
    }
}
