namespace Vt.Stores.DataDir.Inspection;

/// <summary>What verification found.</summary>
public sealed record VerifyReport
{
    /// <summary>Damage, ordered by file and offset; empty of a sound DataDir.</summary>
    public required IReadOnlyList<DataDirFault> Faults { get; init; }

    /// <summary>What is no damage but worth knowing: packs that are being written or wait to be closed, bytes that an interrupted write left.</summary>
    public required IReadOnlyList<DataDirFault> Notes { get; init; }

    /// <summary>Packs that were read.</summary>
    public required int Packs { get; init; }

    /// <summary>Blocks whose bytes were checked against their names.</summary>
    public required long Blocks { get; init; }

    /// <summary>Bytes of packs that were read.</summary>
    public required long Bytes { get; init; }

    /// <summary>References whose logs were read.</summary>
    public required int References { get; init; }
}
