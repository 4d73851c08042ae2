namespace Vt.Trees.Check;

/// <summary>What a block was taken for when it was checked; it must be checked again where it is taken for something else.</summary>
enum SeenAs : byte
{
    /// <summary>Bytes of content.</summary>
    Content,

    /// <summary>A list of content's parts.</summary>
    Indirect,

    /// <summary>A node of a directory, with all below it.</summary>
    Directory,

    /// <summary>A block of a tree that was counted, whatever lies below it.</summary>
    Counted,
}
