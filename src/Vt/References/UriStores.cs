using Vt.Stores.Config;

namespace Vt.References;

/// <summary>Puts the stores that URIs on a command line name behind the store that is read.</summary>
static class UriStores
{
    /// <summary>A store that is read, with those behind it that give what it has not got.</summary>
    /// <param name="store">The store of the settings.</param>
    /// <param name="words">The command line's words.</param>
    /// <param name="configuration">The settings.</param>
    public static StoreSettings Behind(StoreSettings store, IEnumerable<string> words, Configuration configuration)
    {
        var named = new List<StoreSettings>();
        foreach (var word in words.Where(VtUri.IsOne))
        {
            if (VtUri.Parse(word).Authority is { Length: > 0 } authority && UriAuthority.StoreOf(authority, configuration) is var other && other != store && !named.Contains(other))
                named.Add(other);
        }

        return named.Count == 0 ? store : new ProxySettings { Save = new(store), Read = new(store), ReadElse = new(named) };
    }
}
