namespace Vt.Stores.Proxy;

/// <summary>How a store of a proxy has done.</summary>
/// <param name="Description">The store.</param>
/// <param name="Calls">Calls that it answered.</param>
/// <param name="Failures">Calls that it failed.</param>
/// <param name="Hedges">How often the next store was asked since this one took long.</param>
/// <param name="Damaged">Blocks that it gave and that were not what their names say.</param>
/// <param name="IsPaused">Whether it is left alone now.</param>
/// <param name="LastError">Why it failed last; null where it never did, or has answered since.</param>
public sealed record MemberFigures(string Description, long Calls, long Failures, long Hedges, long Damaged, bool IsPaused, string? LastError);
