namespace Vt.Blocks.Contracts;

/// <summary>A store that takes writes now and may pass them on later.</summary>
public interface IStoreLag
{
    /// <summary>How far it is behind now, cheaply; null where it passes everything on at once.</summary>
    StoreLag? GetLag();

    /// <summary>Waits until everything that was taken before is passed on.</summary>
    /// <param name="cancellationToken">Gives up; what waits goes on waiting.</param>
    /// <exception cref="StoreUnavailableException">It can't be passed on now; the message says why.</exception>
    /// <exception cref="StoreFullException">The store behind has no room for it.</exception>
    Task CatchUpAsync(CancellationToken cancellationToken = default);
}
