namespace Vt.Blocks.Contracts;

/// <summary>Something with caches that can tell what they have been good for.</summary>
public interface ICached
{
    /// <summary>The figures of each cache, since it was made.</summary>
    IEnumerable<CacheFigures> ReadCaches();
}
