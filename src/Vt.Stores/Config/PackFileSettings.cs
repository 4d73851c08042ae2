namespace Vt.Stores.Config;

/// <summary>One pack file, to be read.</summary>
/// <param name="Path">The file, absolute.</param>
public sealed record PackFileSettings(string Path) : StoreSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "file";

    /// <summary>What names of such files end in, where a path alone has to tell.</summary>
    public const string Suffix = ".vtd";

    internal const string PathKey = "path";

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => $"{Type} {Path}";

    // Behind file: a bare name is one of the current folder, as it is wherever else a command names a file.
    internal static PackFileSettings Read(ClauseReader clause)
    {
        var path = clause.Need(PathKey);
        if (!path.Value.StartsWith(Type + ":", StringComparison.Ordinal))
            return new PackFileSettings(clause.Expand(path.Value, path.Origin));
        var rest = path.Value[(Type.Length + 1)..];
        return new PackFileSettings(clause.Expand(rest is ['/' or '~' or '.', ..] or "" ? rest : "./" + rest, path.Origin));
    }
}
