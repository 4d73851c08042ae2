namespace Vt.Trees.Dirents;

/// <summary>The little of a dirent that who looks through large trees wants of most.</summary>
/// <param name="HasUuid">Whether <see cref="Dirent.Uuid"/> is there.</param>
/// <param name="Size">Its <see cref="Dirent.Size"/>.</param>
/// <param name="HoleSpan">Its <see cref="Meta.Metadata.HoleSpan"/>.</param>
readonly record struct DirentOutline(bool HasUuid, long Size, ulong HoleSpan);
