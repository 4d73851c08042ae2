namespace Vt.Blocks.BlockTree;

/// <summary>The five ways in which a reference stands for content. Numbers are part of the binary form.</summary>
public enum BlockRefKind : byte
{
    /// <summary>One block, named by its hash, that is the content.</summary>
    Direct = 0,

    /// <summary>A block that holds references whose contents, one after another, are the content.</summary>
    Indirect = 1,

    /// <summary>The bytes themselves.</summary>
    Literal = 2,

    /// <summary>One byte, repeated.</summary>
    Run = 3,

    /// <summary>A range of another reference's content.</summary>
    Slice = 4,
}
