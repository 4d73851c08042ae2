namespace Vt.Stores.DataDir.Packs;

/// <summary>A frame that a <see cref="PackScanner"/> came by.</summary>
/// <param name="Offset">Where it starts in the pack.</param>
/// <param name="Header">Its header.</param>
readonly record struct FoundFrame(long Offset, FrameHeader Header);
