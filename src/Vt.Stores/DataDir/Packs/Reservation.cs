namespace Vt.Stores.DataDir.Packs;

/// <summary>A range of a pack that one batch fills.</summary>
/// <param name="Pack">The pack.</param>
/// <param name="Offset">Where the range starts.</param>
readonly record struct Reservation(PackWriter Pack, long Offset);
