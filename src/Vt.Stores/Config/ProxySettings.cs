using System.Globalization;
using Vt.Blocks.Contracts;

namespace Vt.Stores.Config;

/// <summary>Several stores as one.</summary>
public sealed record ProxySettings : StoreSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "proxy";

    internal const string SaveKey = "save";
    internal const string ReadKey = "read";
    internal const string ReadElseKey = "read2";

    const string SaveElseKey = "save2";
    const string CopyKey = "copy2";
    const string ReferencesKey = "archives";
    const string HedgeKey = "hedge";
    const int LongestHedge = 600_000;

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => $"{Type} of {string.Join(", ", All.Select(static store => store.Name))}";

    /// <summary>Get every block that is added.</summary>
    public StoreList Save { get; init; } = StoreList.None;

    /// <summary>Take blocks that one of the former can't.</summary>
    public StoreList SaveElse { get; init; } = StoreList.None;

    /// <summary>Are asked for blocks.</summary>
    public StoreList Read { get; init; } = StoreList.None;

    /// <summary>Are asked for what the former don't have.</summary>
    public StoreList ReadElse { get; init; } = StoreList.None;

    /// <summary>Get copies of what the former gave.</summary>
    public StoreList Copy { get; init; } = StoreList.None;

    /// <summary>Where references are kept, names that match none of these at the first that saves.</summary>
    public IReadOnlyList<RefRouteSettings> References { get; init; } = [];

    /// <summary>How long a store is given before the next is asked too; null leaves it to what it took before.</summary>
    public TimeSpan? HedgeDelay { get; init; }

    /// <summary>Whether a slow store is waited for without asking the next.</summary>
    public bool IsHedgeOff { get; init; }

    /// <summary>Every store that is named, each once.</summary>
    public IEnumerable<StoreSettings> All =>
        Read.Stores.Concat(ReadElse.Stores).Concat(Save.Stores).Concat(SaveElse.Stores).Concat(Copy.Stores).Concat(References.Select(static route => route.Store)).Distinct();

    /// <inheritdoc/>
    public bool Equals(ProxySettings? other) =>
        other is not null && Save == other.Save && SaveElse == other.SaveElse && Read == other.Read && ReadElse == other.ReadElse && Copy == other.Copy
        && References.SequenceEqual(other.References) && HedgeDelay == other.HedgeDelay && IsHedgeOff == other.IsHedgeOff;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Save, SaveElse, Read, ReadElse, Copy, References.Count, HedgeDelay, IsHedgeOff);

    internal static ProxySettings ReadClause(ClauseReader clause)
    {
        var save = clause.Stores(SaveKey);
        var read = clause.Stores(ReadKey);
        var readElse = clause.Stores(ReadElseKey);
        if (save.Stores.Count + read.Stores.Count + readElse.Stores.Count == 0)
            throw new UserErrorException($"{clause.Clause.Origin}: [{clause.Clause.Name}] is a proxy of no store; set {SaveKey} or {ReadKey}");
        var (delay, isOff) = HedgeOf(clause.Find(HedgeKey));
        return new ProxySettings
        {
            Save = save,
            SaveElse = clause.Stores(SaveElseKey),
            Read = read.Stores.Count > 0 ? read : save,
            ReadElse = readElse,
            Copy = clause.Stores(CopyKey),
            References = [.. clause.Routes(ReferencesKey)],
            HedgeDelay = delay,
            IsHedgeOff = isOff,
        };
    }

    static (TimeSpan? Delay, bool IsOff) HedgeOf(ConfigSetting? setting)
    {
        if (setting is null)
            return (null, false);
        if (setting.Value == "off")
            return (null, true);
        return int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is > 0 and <= LongestHedge
            ? (TimeSpan.FromMilliseconds(milliseconds), false)
            : throw new UserErrorException($"{setting.Origin}: '{setting.Value}' is no time for {HedgeKey}; write milliseconds from 1 to {LongestHedge}, or off");
    }
}
