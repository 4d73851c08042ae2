namespace Vt.Stores.DataDir.Adding;

/// <summary>A frame in a <see cref="FrameEncoder"/>'s buffer.</summary>
/// <param name="Start">Where it starts in the buffer.</param>
/// <param name="HeaderSize">Its header's length.</param>
/// <param name="Length">Header and payload.</param>
/// <param name="PaddedLength">From here to the next frame.</param>
/// <param name="First">Its first block's place in <see cref="FrameEncoder.Blocks"/>.</param>
/// <param name="Blocks">How many blocks it has.</param>
/// <param name="RawSize">The blocks' bytes.</param>
readonly record struct EncodedFrame(int Start, int HeaderSize, int Length, int PaddedLength, int First, int Blocks, int RawSize);
