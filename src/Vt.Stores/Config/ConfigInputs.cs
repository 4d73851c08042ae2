namespace Vt.Stores.Config;

/// <summary>What the configuration is made from, besides its file.</summary>
public sealed record ConfigInputs
{
    /// <summary>Looks a variable up; null where it is not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The folder that the command was started in, absolute.</summary>
    public required string CurrentDirectory { get; init; }

    /// <summary>The value of option <c>-c</c>; null where it was not given.</summary>
    public string? ConfigOption { get; init; }

    /// <summary>The value of option <c>-S</c>; null where it was not given.</summary>
    public string? StoreOption { get; init; }

    /// <summary>The value of option <c>-C</c>; null where it was not given.</summary>
    public string? CacheOption { get; init; }

    /// <summary>The value of option <c>-h</c>; null where it was not given.</summary>
    public string? HashOption { get; init; }
}
