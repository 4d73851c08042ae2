namespace Vt.Files.Access;

/// <summary>On whose behalf something is done.</summary>
/// <param name="Uid">The user.</param>
/// <param name="Gid">The group that new files get.</param>
public readonly record struct Caller(uint Uid, uint Gid);
