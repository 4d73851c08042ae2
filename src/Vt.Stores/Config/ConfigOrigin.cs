namespace Vt.Stores.Config;

/// <summary>Where a setting comes from.</summary>
/// <param name="Source">The layer.</param>
/// <param name="Name">The file's path, the variable or the option; null of built-in settings.</param>
/// <param name="Line">The line in the file, from 1; 0 of other layers.</param>
public sealed record ConfigOrigin(ConfigSource Source, string? Name = null, int Line = 0)
{
    /// <summary>The origin of everything that nobody said.</summary>
    public static ConfigOrigin BuiltIn { get; } = new(ConfigSource.BuiltIn);

    /// <summary>An environment variable.</summary>
    public static ConfigOrigin OfVariable(string name) => new(ConfigSource.Environment, name);

    /// <summary>An option as it is written.</summary>
    public static ConfigOrigin OfOption(string name) => new(ConfigSource.Option, name);

    /// <summary>The origin as messages name it: <c>file:line</c>, the variable, the option.</summary>
    public override string ToString() => Source switch
    {
        ConfigSource.File => $"{Name}:{Line}",
        ConfigSource.Environment => $"environment {Name}",
        ConfigSource.Option => $"option {Name}",
        _ => "built in",
    };
}
