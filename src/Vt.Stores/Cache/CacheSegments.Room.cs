using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Adding;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.Cache;

/// <content>Making room: which segments go, and what of them stays.</content>
sealed partial class CacheSegments
{
    /// <summary>Removes clean segments, oldest first, until one more fits.</summary>
    /// <returns>Of what was removed, what was used since it was written: at most half a segment.</returns>
    List<HotBlock>? Trim(bool keepHot)
    {
        var all = List();
        var bytes = all.Sum(static one => one.Length) + _table.Length;
        List<HotBlock>? hot = null;
        var room = _segmentSize / 2;
        foreach (var one in all)
        {
            if (bytes + _segmentSize <= _options.MostBytes)
                break;
            if (one.IsOpen || one.Segment == (uint)(State.CleanEnd >> 32))
                continue;
            if (keepHot)
                TakeHot(one.Segment, hot ??= [], ref room);
            PosixFile.TryUnlink(_files.Layout.ClosedPack(IdOf(one.Segment)));
            _packs.Forget(IdOf(one.Segment));
            State.Removals++;
            bytes -= one.Length;
        }

        var left = List();
        State.OldestSegment = left.Count == 0 ? State.NextSegment : left[0].Segment;
        return hot;
    }

    void TakeHot(uint segment, List<HotBlock> hot, ref long room)
    {
        using var handle = _packs.TryOpen(IdOf(segment));
        if (handle is null)
            return;
        using var scanner = new PackScanner(
            handle.File, PackHeader.SeedOf(IdOf(segment)), PackHeader.Size, PosixFile.Fstat(handle.File).Size, checkPayloads: false);
        while (room > 0 && scanner.MoveNext())
        {
            var frame = scanner.Frame;
            for (var i = 0; i < frame.Header.Blocks && room > 0; i++)
            {
                var block = FrameBlock.Read(FrameHeader.Row(scanner.Header, i), _config.Hash);
                if (!_table.TryFind(block.Hash, out var entry) || entry.Uses == 0 || entry.IsDamaged || entry.Position != CacheEntry.At(segment, frame.Offset))
                    continue;
                if (Load(block, entry) is not { } bytes)
                    continue;
                hot.Add(new HotBlock(block.Hash, bytes, block.Content));
                room -= bytes.Length;
            }
        }
    }

    byte[]? Load(in FrameBlock block, in CacheEntry entry)
    {
        try
        {
            var frame = _loader.Load(IdOf(entry.Segment), BlockLocation.At(entry.Segment, entry.Offset, entry.Length, entry.Ordinal), entry.Ordinal);
            try
            {
                var bytes = frame.Memory(entry.Ordinal);
                return _hasher.Hash(bytes.Span) == block.Hash ? bytes.ToArray() : null;
            }
            finally
            {
                frame.Release();
            }
        }
        catch (FormatInvalidException)
        {
            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The segments in order.</summary>
    List<SegmentFile> List()
    {
        var segments = new List<SegmentFile>();
        var listing = PackListing.Read(_files.Layout);
        foreach (var pack in listing.Closed.Concat(listing.Open))
        {
            if (pack.High != _prefix || pack.Low > uint.MaxValue)
                continue;
            var isOpen = listing.Open.Contains(pack);
            if (PosixFile.TryStat(isOpen ? _files.Layout.OpenPack(pack) : _files.Layout.ClosedPack(pack), out var status) == Errno.OK)
                segments.Add(new SegmentFile((uint)pack.Low, status.Size, isOpen));
        }

        segments.Sort(static (a, b) => a.Segment.CompareTo(b.Segment));
        return segments;
    }

    readonly record struct SegmentFile(uint Segment, long Length, bool IsOpen);

    readonly record struct HotBlock(BlockHash Hash, byte[] Bytes, BlockContent Content);

    void WriteHot(List<HotBlock> hot)
    {
        var slots = new BlockSlot[1];
        _encoder ??= new FrameEncoder(_options.Level);
        foreach (var block in hot)
        {
            slots[0] = new BlockSlot(block.Hash, 0, block.Bytes.Length, block.Content);
            _encoder.Clear();
            _encoder.Add(block.Bytes, slots, [0]);
            Write(isQueue: false, State.CleanEnd, _encoder, slots);
        }
    }
}
