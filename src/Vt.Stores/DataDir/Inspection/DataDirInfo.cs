using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Inspection;

/// <summary>What a DataDir has, in numbers.</summary>
public sealed record DataDirInfo
{
    /// <summary>What it was made with.</summary>
    public required DataDirConfig Config { get; init; }

    /// <summary>Packs that have their table of contents.</summary>
    public required int ClosedPacks { get; init; }

    /// <summary>Packs that are being written, or wait to be closed.</summary>
    public required int OpenPacks { get; init; }

    /// <summary>Packs that ought to be there and are not.</summary>
    public required int MissingPacks { get; init; }

    /// <summary>Packs that were being written when the power went, whose trees may lack what is below them.</summary>
    public required int DoubtedPacks { get; init; }

    /// <summary>Blocks, those that stand in two packs counted twice.</summary>
    public required long Blocks { get; init; }

    /// <summary>Of them blocks of our own structure.</summary>
    public required long TreeBlocks { get; init; }

    /// <summary>Bytes of blocks before compression.</summary>
    public required long RawBytes { get; init; }

    /// <summary>What the packs' files take, in bytes.</summary>
    public required long PackBytes { get; init; }

    /// <summary>What the derived index takes, in bytes.</summary>
    public required long IndexBytes { get; init; }

    /// <summary>References that have a value.</summary>
    public required int References { get; init; }

    /// <summary>Blocks that are known to be damaged.</summary>
    public required int DamagedBlocks { get; init; }

    /// <summary>What all sessions that ended well have added and found there already.</summary>
    public required AddCounts Added { get; init; }

    /// <summary>Blocks by size: entry n counts those of 2^(n-1) to 2^n - 1 bytes, entry 0 the empty block.</summary>
    public required IReadOnlyList<long> BlockSizes { get; init; }

    /// <summary>Packs by size of the file, in the same way.</summary>
    public required IReadOnlyList<long> PackSizes { get; init; }

    /// <summary>Raw bytes to a byte of packs; 0 of an empty store.</summary>
    public double Ratio => PackBytes == 0 ? 0 : (double)RawBytes / PackBytes;
}
