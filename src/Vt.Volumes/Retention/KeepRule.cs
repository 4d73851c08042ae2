namespace Vt.Volumes.Retention;

/// <summary>A part of a schedule by which points in time are thinned.</summary>
/// <param name="Every">The length of the stretches of which one point each is kept; they begin with 1970-01-01 UTC.</param>
/// <param name="For">How old points may get that it keeps.</param>
public readonly record struct KeepRule(TimeSpan Every, TimeSpan For);
