using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Text;
using Crc32C = Vt.Blocks.Encoding.Crc32C;

namespace Vt.Stores.DataDir.Packs;

/// <summary>
/// Closes packs whose writer died: everything behind the last whole frame is cut off, what lies between whole frames is covered by fillers, and the table of
/// contents is written. It can be interrupted anywhere and done again; of many processes one does it, by the pack's lock.
/// </summary>
/// <remarks>
/// What was not synced may be lost in one pack and there in another, so that a tree may be there whose data are not. Where that can be, the pack of trees is noted as doubted: what is in it can be read, and
/// is stored again when it is offered, with all that is below it.
/// </remarks>
/// <param name="layout">Where packs lie.</param>
/// <param name="config">The store.</param>
/// <param name="catalogue">The list of what must be there.</param>
/// <param name="disk">Writes.</param>
sealed class PackRecovery(DataDirLayout layout, DataDirConfig config, Catalogue catalogue, DiskWriter disk)
{
    /// <summary>Recovers every pack that nobody writes. A disk that is full, or fails, leaves the rest for the next opening.</summary>
    /// <exception cref="IOException">The folder or a pack can't be read.</exception>
    public void RecoverAll(CancellationToken cancellationToken)
    {
        var listing = PackListing.Read(layout);
        try
        {
            foreach (var pack in listing.Fresh)
                RemoveFresh(layout.NewPack(pack));
            foreach (var pack in listing.Open)
                Recover(pack, cancellationToken);
        }
        catch (StoreFullException)
        {
            // The packs are read as they are.
        }
        catch (StoreUnavailableException)
        {
            // As above.
        }
    }

    void RemoveFresh(string path)
    {
        using var file = TryLock(path);
        if (file is not null)
            disk.Unlink(path);
    }

    void Recover(PackId pack, CancellationToken cancellationToken)
    {
        var path = layout.OpenPack(pack);
        using var file = TryLock(path);
        if (file is null)
            return;
        var isListed = catalogue.Read(state => state.Packs.Contains(pack));
        BelieveDisk(file, path);
        var header = TryReadHeader(file);
        using var contents = new RunBuilder(config.Hash, pack, header?.Created ?? 0);
        var totals = Scan(file, path, pack, contents, out var end, cancellationToken);
        if (totals.Blocks == 0 && !isListed)
        {
            disk.Unlink(path);
            return;
        }

        if (IsDoubted(header, file))
            NoteDoubt(pack);
        disk.Truncate(file, path, end);
        var length = PackContents.Write(disk, file, path, end, contents, totals with { FrameBytes = end - PackHeader.Size });
        disk.Sync(file, path);
        PackClosing.Publish(layout, catalogue, disk, pack, length, isListed);
    }

    PackTrailer Scan(FileDescriptor file, string path, PackId pack, RunBuilder contents, out long end, CancellationToken cancellationToken)
    {
        var length = PosixFile.Fstat(file).Size & -FrameHeader.Alignment;
        var totals = new PackTrailer(pack, 0, 0, 0, 0, 0, 0, 0);
        end = PackHeader.Size;
        using var scanner = new PackScanner(file, PackHeader.SeedOf(pack), end, Math.Max(end, length), checkPayloads: true);
        while (scanner.MoveNext(cancellationToken))
        {
            if (scanner.Skipped > 0)
                Fill(file, path, pack, scanner.Frame.Offset - scanner.Skipped, scanner.Skipped);
            end = scanner.Position;
            var blocks = PackBlocks.ForEach(scanner, config.Hash, 0, contents, static (into, hash, location) => into.Add(hash, location));
            if (blocks > 0)
                totals = totals with { Blocks = totals.Blocks + blocks, RawBytes = totals.RawBytes + scanner.Frame.Header.RawSize, Frames = totals.Frames + 1 };
        }

        return totals;
    }

    /// <summary>Covers bytes between two whole frames, whatever they are, by fillers.</summary>
    void Fill(FileDescriptor file, string path, PackId pack, long start, long length)
    {
        Span<byte> bytes = stackalloc byte[FrameHeader.FixedSize];
        while (length >= FrameHeader.FixedSize)
        {
            var piece = Math.Min(length, 1L << 30);
            if (length - piece < FrameHeader.FixedSize)
                piece = length;
            var payload = piece - FrameHeader.FixedSize;
            var check = payload == 0 ? Crc32C.Compute([]) : PackContents.CheckOf(file, start + FrameHeader.FixedSize, payload);
            new FrameHeader(FrameCodec.Filler, 0, 0, (int)payload, check).Write(bytes);
            FrameHeader.Seal(bytes, PackHeader.SeedOf(pack), start);
            disk.Write(file, path, bytes, start);
            start += piece;
            length -= piece;
        }
    }

    /// <summary>Whether a pack's trees may have been written after something that is lost.</summary>
    /// <param name="header">The pack's; null where it is damaged.</param>
    /// <param name="file">The pack.</param>
    internal static bool IsDoubted(PackHeader? header, FileDescriptor file) =>
        header is not { } known || (known.Content == BlockContent.Tree && (!known.Origin.IsKnown || known.Origin != PackOrigin.Of(file)));

    /// <summary>Reads a pack's header.</summary>
    /// <returns>Null where it is damaged: the frames say themselves whose they are, and verification reports it.</returns>
    internal static PackHeader? TryReadHeader(FileDescriptor file)
    {
        Span<byte> bytes = stackalloc byte[PackHeader.Size];
        try
        {
            return PackHeader.Read(bytes[..PosixFile.PreadUpTo(file, bytes, 0)]);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    // What a failed sync could not write may still stand in the page cache as if it were on the disk: it has to be read from there.
    void BelieveDisk(FileDescriptor file, string path)
    {
        disk.Sync(file, path);
        PosixFile.Fadvise(file, 0, 0, PosixFile.POSIX_FADV_DONTNEED);
    }

    // Durable before the pack counts as closed.
    void NoteDoubt(PackId pack)
    {
        using (disk.OpenForAppend(layout.Doubt(pack)))
        {
        }

        disk.SyncFolder(layout.Packs);
    }

    /// <summary>Opens a file and locks it.</summary>
    /// <returns>The file; null where somebody else has it, or it has another name by now.</returns>
    static FileDescriptor? TryLock(string path)
    {
        if (PosixFile.TryOpen(path, OpenFlags.O_RDWR, 0, out var file) != 0)
            return null;
        if (Locks.Flock(file, LockKind.Exclusive, wait: false)
            && PosixFile.TryStat(path, out var named) == 0 && named.Inode == PosixFile.Fstat(file).Inode)
        {
            return file;
        }

        file.Dispose();
        return null;
    }
}
