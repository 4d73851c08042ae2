namespace Vt.Stores.Http;

/// <summary>A movement of a reference that is asked for.</summary>
/// <param name="Name">The reference.</param>
/// <param name="Expected">What it has to stand for when it is moved; null for nothing.</param>
/// <param name="Value">What it shall stand for; null for nothing.</param>
/// <param name="Note">Why.</param>
/// <param name="Token">What this movement is known by if it has to be asked for again.</param>
/// <param name="Instance">The run of the server in which it was asked for first.</param>
public sealed record RefMove(string Name, string? Expected, string? Value, string Note, Guid Token, string Instance);
