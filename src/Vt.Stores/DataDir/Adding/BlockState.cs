namespace Vt.Stores.DataDir.Adding;

/// <summary>What becomes of one block of a batch.</summary>
enum BlockState : byte
{
    /// <summary>Not decided.</summary>
    Unknown,

    /// <summary>The store has it.</summary>
    Known,

    /// <summary>This batch holds its claim and stores it.</summary>
    Claimed,

    /// <summary>Another batch of this process is storing it.</summary>
    Awaited,

    /// <summary>This batch holds its claim in this process, and another process is storing it.</summary>
    Foreign,

    /// <summary>This batch stored it.</summary>
    Stored,
}
