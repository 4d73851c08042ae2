namespace Vt.Stores.Platonic;

/// <summary>A file whose blocks are indexed.</summary>
/// <param name="Path">Its path below the folder, in bytes.</param>
/// <param name="Facts">What it was like when it was read.</param>
/// <param name="Content">The reference to its content, in binary form.</param>
/// <param name="HoleSpan">How many bytes of it lie in holes.</param>
sealed record IndexedFile(byte[] Path, FileFacts Facts, byte[] Content, ulong HoleSpan);
