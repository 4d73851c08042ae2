namespace Vt.Stores.Cache;

/// <summary>A movement of a reference that waits to be made in the store behind.</summary>
/// <param name="Number">Which movement of the log it is, from 0.</param>
/// <param name="When">When it was made here.</param>
/// <param name="Name">The reference.</param>
/// <param name="Expected">The value before; null where there was none.</param>
/// <param name="Value">The value after; null where it was ended.</param>
/// <param name="Note">Why.</param>
/// <param name="Position">Everything that was queued before this position has to be sent first.</param>
sealed record QueuedMove(int Number, DateTimeOffset When, string Name, string? Expected, string? Value, string Note, ulong Position);
