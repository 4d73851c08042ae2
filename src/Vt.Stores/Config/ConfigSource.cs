namespace Vt.Stores.Config;

/// <summary>The layers that settings come from, each overlaying the ones before it.</summary>
public enum ConfigSource
{
    /// <summary>What the program uses when nothing is said.</summary>
    BuiltIn,

    /// <summary>A line of the configuration file.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>An option on the command line.</summary>
    Option,
}
