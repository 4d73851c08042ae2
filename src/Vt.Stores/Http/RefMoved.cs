namespace Vt.Stores.Http;

/// <summary>What came of a movement.</summary>
/// <param name="IsMoved">Whether the reference stood for what was expected, and was moved.</param>
public sealed record RefMoved(bool IsMoved);
