using System.CommandLine;
using Vt.Stores.Config;

namespace Vt.Settings;

/// <summary>The options that every command takes, before or after its name.</summary>
sealed class GlobalOptions
{
    /// <summary>The store to use.</summary>
    public Option<string?> Store { get; } = new("-S", "--store")
    {
        Description = "The store to use: [clause], /path, ./path, file:x.vtd, ssh://host/path, tcp:host:port, http://host/, s3://bucket/prefix or type(key=value, ...), see vtrc(5); else VT_STORE, else [default]",
        HelpName = "STORE",
        Recursive = true,
    };

    /// <summary>The cache in front of it.</summary>
    public Option<string?> Cache { get; } = new("-C", "--cache")
    {
        Description = "A store that caches in front of it, or NONE; else VT_CACHE_STORE, else NONE",
        HelpName = "CACHE",
        Recursive = true,
    };

    /// <summary>The configuration file.</summary>
    public Option<string?> Config { get; } = new("-c", "--config")
    {
        Description = "The configuration file; else VT_CONFIG, else ~/.vtrc",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>The hash algorithm of new stores.</summary>
    public Option<string?> Hash { get; } = new("-h", "--hash")
    {
        Description = "The hash of a store that is made: blake3, sha256 or sha3-256; else VT_HASHNAME, else blake3",
        HelpName = "HASH",
        Recursive = true,
    };

    /// <summary>No progress.</summary>
    public Option<bool> Quiet { get; } = new("-q", "--quiet")
    {
        Description = "Show no progress",
        Recursive = true,
    };

    /// <summary>Help.</summary>
    public Option<bool> Help { get; } = new("--help", "-?")
    {
        Description = "Show this help",
        Recursive = true,
    };

    /// <summary>Version; only before a command's name.</summary>
    public Option<bool> Version { get; } = new("--version")
    {
        Description = "Show the version",
    };

    /// <summary>Puts the options on the program.</summary>
    public void AddTo(Command program)
    {
        Hash.CompletionSources.Add("blake3", "sha256", "sha3-256");
        program.Options.Add(Store);
        program.Options.Add(Cache);
        program.Options.Add(Config);
        program.Options.Add(Hash);
        program.Options.Add(Quiet);
        program.Options.Add(Help);
        program.Options.Add(Version);
    }

    /// <summary>What the options say to the configuration.</summary>
    public ConfigInputs InputsOf(ParseResult result, Surroundings surroundings) => new()
    {
        Environment = surroundings.Environment,
        CurrentDirectory = surroundings.CurrentDirectory,
        StoreOption = result.GetValue(Store),
        CacheOption = result.GetValue(Cache),
        ConfigOption = result.GetValue(Config),
        HashOption = result.GetValue(Hash),
    };
}
