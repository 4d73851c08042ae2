namespace Vt.Blocks.Contracts;

/// <summary>One movement of a reference.</summary>
/// <param name="When">When it happened, by the clock of the machine that made it.</param>
/// <param name="Value">The value after it; null where the name was ended.</param>
/// <param name="Note">Why, in the mover's words.</param>
public sealed record RefMovement(DateTimeOffset When, string? Value, string Note);
