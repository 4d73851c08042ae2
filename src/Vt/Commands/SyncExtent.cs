namespace Vt.Commands;

/// <summary>How much is brought from one store to another.</summary>
enum SyncExtent
{
    /// <summary>What is named.</summary>
    Named,

    /// <summary>Every volume and every archive.</summary>
    All,

    /// <summary>Every block, and then every volume and archive.</summary>
    AllBlocks,
}
