namespace Vt.Blocks.Contracts;

/// <summary>What a block is for. Stores may keep the two apart, since trees are read often and data once.</summary>
public enum BlockContent : byte
{
    /// <summary>Bytes of somebody's file.</summary>
    Data = 0,

    /// <summary>Our own structure: indirect blocks, directories, commits.</summary>
    Tree = 1,
}
