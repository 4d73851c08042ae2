using System.Globalization;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Stores.Config;

/// <summary>Reads the settings of one clause. Whatever key is asked for is one that the clause may have; <see cref="Finish"/> refuses the others.</summary>
public sealed class ClauseReader
{
    readonly ConfigPaths _paths;
    readonly Func<ConfigSetting, StoreSettings> _resolve;
    readonly List<string> _keys = [ConfigClause.TypeKey];

    /// <summary>Reads a clause.</summary>
    /// <param name="clause">The clause, or a store spec in a clause's form.</param>
    /// <param name="paths">How its paths are written.</param>
    /// <param name="resolve">Finds out what a setting that holds a store spec means.</param>
    public ClauseReader(ConfigClause clause, ConfigPaths paths, Func<ConfigSetting, StoreSettings> resolve)
    {
        Clause = clause;
        _paths = paths;
        _resolve = resolve;
    }

    /// <summary>What is read.</summary>
    public ConfigClause Clause { get; }

    /// <summary>A setting as it was written; null where it is not there.</summary>
    public ConfigSetting? Find(string key)
    {
        _keys.Add(key);
        return Clause.Find(key);
    }

    /// <summary>A setting that has to be there.</summary>
    /// <exception cref="UserErrorException">It is not.</exception>
    public ConfigSetting Need(string key) =>
        Find(key) ?? throw new UserErrorException($"{Clause.Origin}: clause [{Clause.Name}] needs the setting '{key}'");

    /// <summary>A text; null where it is not there.</summary>
    public string? Text(string key) => Find(key)?.Value;

    /// <summary>A path made absolute; null where it is not there.</summary>
    public string? Path(string key) => Find(key) is { } path ? Expand(path.Value, path.Origin) : null;

    /// <summary>A path made absolute.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="standard">What stands there where nothing does; as settings write paths.</param>
    public string Path(string key, string standard) => Path(key) ?? Expand(standard, Clause.Origin);

    /// <summary>Makes a path absolute.</summary>
    public string Expand(string path, ConfigOrigin origin) => _paths.Expand(path, origin);

    /// <summary>A size in bytes within bounds; null where it is not there.</summary>
    public long? Size(string key, long least, long most = long.MaxValue)
    {
        if (Find(key) is not { } setting)
            return null;
        if (!ScaledSize.TryParse(setting.Value, out var bytes))
            throw new UserErrorException($"{setting.Origin}: '{setting.Value}' is no size; write it as 4096, 99k or 8 GiB");
        if (bytes >= least && bytes <= most)
            return bytes;
        var bounds = most == long.MaxValue ? $"at least {ScaledSize.ToText(least)}" : $"from {ScaledSize.ToText(least)} to {ScaledSize.ToText(most)}";
        throw new UserErrorException($"{setting.Origin}: {setting.Key} is {bytes} bytes; it must be {bounds}");
    }

    /// <summary>A whole number within bounds; null where it is not there.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most.</param>
    /// <param name="what">What the number is called in messages, with its article.</param>
    public int? Number(string key, int least, int most, string what = "such number")
    {
        if (Find(key) is not { } setting)
            return null;
        return int.TryParse(setting.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UserErrorException($"{setting.Origin}: '{setting.Value}' is no {what}; it must be a number from {least} to {most}");
    }

    /// <summary>A time in whole seconds within bounds; null where it is not there.</summary>
    public TimeSpan? Seconds(string key, int least, int most) => Number(key, least, most, "number of seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Yes or no; null where it is not there.</summary>
    public bool? Switch(string key) => Find(key) switch
    {
        null => null,
        { Value: "yes" or "true" or "on" or "1" } => true,
        { Value: "no" or "false" or "off" or "0" } => false,
        { } setting => throw new UserErrorException($"{setting.Origin}: '{setting.Value}' is neither yes nor no"),
    };

    /// <summary>A word of a closed list; null where it is not there.</summary>
    public string? Choice(string key, params ReadOnlySpan<string> words)
    {
        if (Find(key) is not { } setting)
            return null;
        return words.Contains(setting.Value)
            ? setting.Value
            : throw new UserErrorException($"{setting.Origin}: '{setting.Value}' is no {key}; it is one of {string.Join(", ", words.ToArray())}");
    }

    /// <summary>A hash algorithm; null where it is not there.</summary>
    public HashAlgorithmId? Hash(string key) => Find(key) is { } hash ? StoreTypes.HashOf(hash) : null;

    /// <summary>What a setting that holds a store spec means; null where it is not there.</summary>
    public StoreSettings? Store(string key) => Find(key) is { } spec ? _resolve(spec) : null;

    /// <summary>What a setting that holds store specs with commas between them means; none where it is not there.</summary>
    public StoreList Stores(string key) =>
        Find(key) is { } list ? new StoreList([.. StoreSpec.Split(list.Value, list.Origin).Select(spec => _resolve(list with { Value = spec }))]) : StoreList.None;

    /// <summary>Of a setting that holds clauses, each with a pattern behind it or none, the stores and patterns; none where it is not there.</summary>
    public IEnumerable<RefRouteSettings> Routes(string key)
    {
        if (Find(key) is not { } list)
            yield break;
        foreach (var item in StoreSpec.Split(list.Value, list.Origin, withPatterns: true))
        {
            var end = item.StartsWith('[') ? item.LastIndexOf(']') + 1 : item.Length;
            var pattern = item[end..].Trim();
            yield return new RefRouteSettings(_resolve(list with { Value = item[..end] }), pattern.Length == 0 ? Proxy.RefRoute.All : pattern);
        }
    }

    /// <summary>Refuses settings that nobody asked for.</summary>
    /// <exception cref="UserErrorException">There are some.</exception>
    public void Finish(string type)
    {
        foreach (var setting in Clause.Settings)
        {
            if (!_keys.Contains(setting.Key))
            {
                throw new UserErrorException(
                    $"{setting.Origin}: '{setting.Key}' is no setting of a {type} store; it takes {string.Join(", ", _keys.Distinct())}");
            }
        }
    }
}
