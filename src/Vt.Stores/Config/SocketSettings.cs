namespace Vt.Stores.Config;

/// <summary>A store that a process on this machine serves at a unix socket.</summary>
/// <param name="Path">The socket, absolute.</param>
public sealed record SocketSettings(string Path) : StreamSettings
{
    /// <summary>The word for this type.</summary>
    public const string Type = "socket";

    /// <summary>What names of sockets end in, where a path alone has to tell.</summary>
    public const string Suffix = ".sock";

    internal const string PathKey = "path";
    internal const string Scheme = "unix";

    /// <inheritdoc/>
    public override string TypeName => Type;

    /// <inheritdoc/>
    public override string Name => Path;

    internal static SocketSettings Read(ClauseReader clause)
    {
        var path = clause.Find(PathKey) is { } said
            ? clause.Expand(said.Value.StartsWith(Scheme + ":", StringComparison.Ordinal) ? said.Value[(Scheme.Length + 1)..] : said.Value, said.Origin)
            : clause.Expand(clause.Clause.Name + Suffix, clause.Clause.Origin);
        return new SocketSettings(path).With<SocketSettings>(clause);
    }
}
