namespace Vt.Stores.DataDir.Packs;

/// <summary>How a frame's payload is written.</summary>
enum FrameCodec : byte
{
    /// <summary>The blocks' bytes as they are.</summary>
    Raw = 0,

    /// <summary>One zstd frame (RFC 8878).</summary>
    Zstd = 1,

    /// <summary>No blocks: covers bytes that an interrupted write left, so that a pack is frames from end to end.</summary>
    Filler = 255,
}
