namespace Vt.Stores.Config;

/// <summary>Where references of some names are kept.</summary>
/// <param name="Store">The store.</param>
/// <param name="Pattern">What the names look like.</param>
public sealed record RefRouteSettings(StoreSettings Store, string Pattern);
