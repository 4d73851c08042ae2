using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Packs;

/// <summary>
/// A pack that another process is writing, or was when it died. Its whole frames are taken into the table of fresh blocks; ranges that were
/// reserved but not filled yet are looked at again each time. One thread at a time.
/// </summary>
/// <param name="pack">The pack.</param>
/// <param name="slot">Its slot in the index.</param>
/// <param name="algorithm">The store's algorithm.</param>
/// <param name="isDoubted">Whether its writer died with the machine, so that its trees may lack what is below them.</param>
sealed class ForeignPack(PackId pack, uint slot, HashAlgorithmId algorithm, bool isDoubted)
{
    readonly List<(long Start, long End)> _gaps = [];
    long _scannedTo = PackHeader.Size;

    /// <summary>The pack.</summary>
    public PackId Pack => pack;

    /// <summary>Its slot in the index.</summary>
    public uint Slot => slot;

    /// <summary>Whether its writer died with the machine, so that its trees may lack what is below them.</summary>
    public bool IsDoubted => isDoubted;

    /// <summary>Takes in what was written since the last time.</summary>
    /// <returns>How many blocks came.</returns>
    /// <exception cref="PosixException">The pack can't be read.</exception>
    public int Scan(PackFiles files, MemoryTable table, CancellationToken cancellationToken)
    {
        using var handle = files.TryOpen(pack);
        if (handle is null)
            return 0;
        var length = PosixFile.Fstat(handle.File).Size & -FrameHeader.Alignment;
        if (length <= _scannedTo && _gaps.Count == 0)
            return 0;
        var ranges = _gaps.ToArray();
        _gaps.Clear();
        var found = 0;
        foreach (var (start, end) in ranges)
            found += ScanRange(handle.File, start, end, table, cancellationToken);
        if (length > _scannedTo)
        {
            found += ScanRange(handle.File, TakeEnd(), length, table, cancellationToken);
            _scannedTo = length;
        }

        return found;
    }

    /// <summary>Where new bytes have to be read from: a frame that grew while it was looked at starts in the gap before them.</summary>
    long TakeEnd()
    {
        if (_gaps.Count == 0 || _gaps[^1].End != _scannedTo)
            return _scannedTo;
        var start = _gaps[^1].Start;
        _gaps.RemoveAt(_gaps.Count - 1);
        return start;
    }

    int ScanRange(FileDescriptor file, long start, long end, MemoryTable table, CancellationToken cancellationToken)
    {
        var found = 0;
        using var scanner = new PackScanner(file, PackHeader.SeedOf(pack), start, end, checkPayloads: true);
        while (true)
        {
            var more = scanner.MoveNext(cancellationToken);
            if (scanner.Skipped > 0)
            {
                var gapEnd = more ? scanner.Frame.Offset : end;
                _gaps.Add((gapEnd - scanner.Skipped, gapEnd));
            }

            if (!more)
                return found;
            found += PackBlocks.ForEach(scanner, algorithm, slot, table, static (into, hash, location) => into.Locate(hash, location));
        }
    }
}
