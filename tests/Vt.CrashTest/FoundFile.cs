namespace Vt.CrashTest;

/// <summary>A file as a mount shows it.</summary>
sealed record FoundFile(ulong Inode, long Size, int Links, uint Mode, byte[]? Attribute, byte[] Hash, byte[] Beginning);
