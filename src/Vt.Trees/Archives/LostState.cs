namespace Vt.Trees.Archives;

/// <summary>A state whose line an archive file had, and has no more: its end was damaged, or an older copy of the file was put back.</summary>
/// <param name="State">The state. Its tree is in the store as before.</param>
/// <param name="IsRestorable">
/// Whether the next append puts it back. Not so where the file goes on with states that are later and came from elsewhere: lines are in
/// order.
/// </param>
public sealed record LostState(ArchiveState State, bool IsRestorable);
