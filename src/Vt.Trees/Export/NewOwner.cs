namespace Vt.Trees.Export;

/// <summary>Whom a file belongs to that this process makes.</summary>
/// <param name="Uid">The user.</param>
/// <param name="Gid">The group, which may depend on the directory.</param>
readonly record struct NewOwner(uint Uid, uint Gid);
