using System.Collections.Immutable;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Posix;

namespace Vt.Stores.Config;

/// <summary>
/// The effective settings: built-in ones, overlaid by the file's, then the environment's, then the options', each with its origin.
/// </summary>
public sealed class Configuration
{
    /// <summary>The value of <see cref="CacheStore"/> that means no cache.</summary>
    public const string NoCache = "NONE";

    const string BaseDirKey = "basedir";
    const string StoreKey = "store";
    const string CacheKey = "cache_store";
    const string HashKey = "hashname";
    const string AuthorKey = "author";
    const string RemoteKey = "remote";
    const string HttpKey = "http";
    const string DefaultFile = "~/.vtrc";

    readonly ConfigPaths _paths;
    readonly List<ConfigClause> _clauses;

    Configuration(string file, bool fileExists, ConfigOrigin fileOrigin, ConfigPaths paths, ConfigSetting[] global, List<ConfigClause> clauses)
    {
        File = file;
        FileExists = fileExists;
        FileOrigin = fileOrigin;
        _paths = paths;
        BaseDirectory = global[0];
        Store = global[1];
        CacheStore = global[2];
        HashName = global[3];
        Author = global[4];
        Remote = global[5];
        Http = global[6];
        _clauses = clauses;
    }

    /// <summary>The configuration file's path, absolute, whether or not it is there.</summary>
    public string File { get; }

    /// <summary>Whether the file is there.</summary>
    public bool FileExists { get; }

    /// <summary>What named the file.</summary>
    public ConfigOrigin FileOrigin { get; }

    /// <summary>Where stores lie that are named by a bare word; the value is absolute.</summary>
    public ConfigSetting BaseDirectory { get; }

    /// <summary>The spec of the store that commands use.</summary>
    public ConfigSetting Store { get; }

    /// <summary>The spec of the store that caches, or <see cref="NoCache"/>.</summary>
    public ConfigSetting CacheStore { get; }

    /// <summary>The hash algorithm of stores yet to be made.</summary>
    public ConfigSetting HashName { get; }

    /// <summary>Who makes commits, as <c>Name &lt;address&gt;</c>; empty where git is to be asked.</summary>
    public ConfigSetting Author { get; }

    /// <summary>The remote that commands mean where none is named; empty where none was chosen.</summary>
    public ConfigSetting Remote { get; }

    /// <summary>Where a vt httpd serves the store, for who is told an address; empty where nothing does.</summary>
    public ConfigSetting Http { get; }

    /// <summary>The store clauses, built-in ones first.</summary>
    public IReadOnlyList<ConfigClause> Clauses => _clauses;

    /// <summary>The algorithm that <see cref="HashName"/> means.</summary>
    public HashAlgorithmId Hash => StoreTypes.HashOf(HashName);

    /// <summary>Reads and overlays everything, and checks every clause.</summary>
    /// <param name="inputs">What is laid over the file.</param>
    /// <param name="mustExist">Whether a file that was named outright has to be there; false for the command that makes it.</param>
    /// <exception cref="UserErrorException">Something is not understood; the message names file and line, variable or option.</exception>
    public static Configuration Load(ConfigInputs inputs, bool mustExist = true)
    {
        var paths = new ConfigPaths(inputs.Environment("HOME"), inputs.CurrentDirectory, null);
        var (file, fileOrigin) = LocateFile(inputs, paths);
        var content = ReadFile(file, fileOrigin, mustExist && fileOrigin.Source != ConfigSource.BuiltIn);
        return Build(inputs, paths, file, fileOrigin, content, content is null ? [] : VtrcParser.Parse(content, file));
    }

    /// <summary>The clause of a name; null where there is none.</summary>
    public ConfigClause? FindClause(string name) => _clauses.Find(c => c.Name == name);

    /// <summary>What a store spec means.</summary>
    /// <exception cref="UserErrorException">The text is no spec, or what it names is not known.</exception>
    public StoreSettings Resolve(ConfigSetting spec) => Resolve(spec.Value, spec.Origin);

    /// <summary>What a store spec means.</summary>
    /// <exception cref="UserErrorException">The text is no spec, or what it names is not known.</exception>
    public StoreSettings Resolve(string spec, ConfigOrigin origin) => Resolve(new ConfigSetting(StoreKey, spec, origin), []);

    StoreSettings Resolve(ConfigSetting spec, ImmutableStack<ConfigClause> above) => Resolve(StoreSpec.Parse(spec.Value, spec.Origin, FindClause), above);

    // A clause that stands on itself would be opened for ever.
    StoreSettings Resolve(ConfigClause clause, ImmutableStack<ConfigClause> above) => above.Contains(clause)
        ? throw new UserErrorException($"{clause.Origin}: [{clause.Name}] is a store that needs itself")
        : StoreTypes.Build(clause, _paths, inner => Resolve(inner, above.Push(clause)));

    static Configuration Build(
        ConfigInputs inputs, ConfigPaths paths, string file, ConfigOrigin fileOrigin, byte[]? content, IReadOnlyList<ConfigClause> parsed)
    {
        ConfigClause? global = null;
        var clauses = BuiltInClauses();
        foreach (var clause in parsed)
        {
            var at = clauses.FindIndex(c => c.Name == clause.Name);
            if (clause.Name == ConfigClause.Global)
                global = clause;
            else if (at >= 0)
                clauses[at] = clauses[at].OverlaidBy(clause);
            else
                clauses.Add(clause);
        }

        RefuseUnknownGlobals(global);
        var baseDirectory = BaseDirectoryOf(inputs, global, paths);
        var configuration = new Configuration(
            file,
            content is not null,
            fileOrigin,
            paths with { BaseDirectory = baseDirectory.Value },
            [
                baseDirectory,
                Overlay(StoreKey, "[default]", global, inputs, "VT_STORE", "-S", inputs.StoreOption),
                CacheOf(Overlay(CacheKey, NoCache, global, inputs, "VT_CACHE_STORE", "-C", inputs.CacheOption, emptyIsValue: true)),
                Overlay(HashKey, HashAlgorithms.NameOf(HashAlgorithms.Default), global, inputs, "VT_HASHNAME", "-h", inputs.HashOption),
                Overlay(AuthorKey, "", global, inputs, "VT_AUTHOR", "--author", null),
                Overlay(RemoteKey, "", global, inputs, "VT_REMOTE", "REMOTE", null),
                Overlay(HttpKey, "", global, inputs, "VT_HTTP", "--http", null),
            ],
            clauses);
        _ = configuration.Hash;
        foreach (var clause in clauses)
            configuration.Resolve(clause, []);
        return configuration;
    }

    static List<ConfigClause> BuiltInClauses() =>
    [
        new ConfigClause(
            "default",
            ConfigOrigin.BuiltIn,
            [
                new ConfigSetting(ConfigClause.TypeKey, DataDirSettings.Type, ConfigOrigin.BuiltIn),
                new ConfigSetting("path", "trove", ConfigOrigin.BuiltIn),
            ]),
    ];

    static (string File, ConfigOrigin Origin) LocateFile(ConfigInputs inputs, ConfigPaths paths)
    {
        // Options and variables name files as every program does: from the current folder.
        var here = paths with { BaseDirectory = paths.CurrentDirectory };
        if (!string.IsNullOrEmpty(inputs.ConfigOption))
            return (here.Expand(inputs.ConfigOption, ConfigOrigin.OfOption("-c")), ConfigOrigin.OfOption("-c"));
        if (inputs.Environment("VT_CONFIG") is { Length: > 0 } variable)
            return (here.Expand(variable, ConfigOrigin.OfVariable("VT_CONFIG")), ConfigOrigin.OfVariable("VT_CONFIG"));
        return (paths.Expand(DefaultFile, ConfigOrigin.BuiltIn), ConfigOrigin.BuiltIn);
    }

    static byte[]? ReadFile(string file, ConfigOrigin origin, bool mustExist)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
            if (stream.Length > VtrcParser.LongestFile)
                throw new UserErrorException($"{file}: longer than {VtrcParser.LongestFile} bytes, which no configuration is");
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return mustExist ? throw new UserErrorException($"{file}: there is no such configuration file ({origin}); vt init makes one", e) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserErrorException($"{file}: the configuration can't be read: {FileFault.TextOf(e)}", e);
        }
    }

    static void RefuseUnknownGlobals(ConfigClause? global)
    {
        foreach (var setting in global?.Settings ?? [])
        {
            if (setting.Key is not (BaseDirKey or StoreKey or CacheKey or HashKey or AuthorKey or RemoteKey or HttpKey))
            {
                throw new UserErrorException(
                    $"{setting.Origin}: '{setting.Key}' is no setting of [GLOBAL]; it takes {BaseDirKey}, {StoreKey}, {CacheKey}, {HashKey}, {AuthorKey}, {RemoteKey}, {HttpKey}");
            }
        }
    }

    static ConfigSetting BaseDirectoryOf(ConfigInputs inputs, ConfigClause? global, ConfigPaths paths)
    {
        if (global?.Find(BaseDirKey) is { } set)
            return set with { Value = paths.Expand(set.Value, set.Origin) };
        // The XDG base directory specification has relative values ignored.
        if (inputs.Environment("XDG_DATA_HOME") is ['/', ..] data)
            return new ConfigSetting(BaseDirKey, Path.GetFullPath(Path.Combine(data, "vt")), ConfigOrigin.OfVariable("XDG_DATA_HOME"));
        return new ConfigSetting(BaseDirKey, paths.Expand("~/.local/share/vt", ConfigOrigin.BuiltIn), ConfigOrigin.BuiltIn);
    }

    static ConfigSetting Overlay(
        string key, string builtIn, ConfigClause? global, ConfigInputs inputs, string variable, string option, string? optionValue, bool emptyIsValue = false)
    {
        if (optionValue is not null && (emptyIsValue || optionValue.Length > 0))
            return new ConfigSetting(key, optionValue, ConfigOrigin.OfOption(option));
        if (inputs.Environment(variable) is { } value && (emptyIsValue || value.Length > 0))
            return new ConfigSetting(key, value, ConfigOrigin.OfVariable(variable));
        return global?.Find(key) ?? new ConfigSetting(key, builtIn, ConfigOrigin.BuiltIn);
    }

    static ConfigSetting CacheOf(ConfigSetting setting) => setting.Value.Length == 0 ? setting with { Value = NoCache } : setting;
}
