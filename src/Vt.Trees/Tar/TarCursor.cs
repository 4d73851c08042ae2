namespace Vt.Trees.Tar;

/// <summary>A place before a member, from where members can be walked.</summary>
/// <param name="Offset">Where the member starts, in bytes from the start of the archive.</param>
/// <param name="Ordinal">How many members come before it.</param>
/// <param name="Folder">The folder that it is in; null before the folder that is archived itself, which is the first member.</param>
/// <param name="Position">How many entries of the folder come before it.</param>
readonly record struct TarCursor(long Offset, long Ordinal, TarFolder? Folder, long Position);
