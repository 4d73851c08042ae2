using System.CommandLine;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Config;

namespace Vt.Commands;

/// <summary>Shows the effective settings.</summary>
sealed class ConfigVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print one JSON object");

    /// <summary>Makes the command.</summary>
    public ConfigVerb()
        : base("config", "Show the effective settings and where each comes from")
    {
        Options.Add(_json);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Built-in settings are overlaid by the configuration file's, those by the environment's (VT_STORE, VT_CACHE_STORE,
        VT_CONFIG, VT_HASHNAME), those by the options. What is printed is itself a configuration file.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt config", "Show everything."),
        ("vt -c ./test.vtrc config --json", "Show what another file would give, for a program to read."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var configuration = context.Configuration;
        if (context.Get(_json))
            PrintJson(context.Output, configuration);
        else
            PrintText(context.Output, configuration);
        return Task.FromResult(ExitCode.Ok);
    }

    static void PrintText(ResultWriter output, Configuration configuration)
    {
        var origin = configuration.FileOrigin.Source == ConfigSource.BuiltIn ? "" : $" ({configuration.FileOrigin})";
        output.WriteLine(TerminalText.Visible($"# {configuration.File}{origin}{(configuration.FileExists ? "" : " is not there")}"));
        output.WriteLine();
        PrintClause(output, ConfigClause.Global, Globals(configuration));
        foreach (var clause in configuration.Clauses)
        {
            output.WriteLine();
            PrintClause(output, clause.Name, clause.Settings);
        }
    }

    static void PrintClause(ResultWriter output, string name, IReadOnlyList<ConfigSetting> settings)
    {
        var width = 0;
        foreach (var setting in settings)
            width = Math.Max(width, LineOf(setting).Length);
        output.WriteLine(TerminalText.Visible($"[{name}]"));
        foreach (var setting in settings)
            output.WriteLine(TerminalText.Visible($"{LineOf(setting).PadRight(width)}  # {setting.Origin}"));
    }

    static string LineOf(ConfigSetting setting) => $"{setting.Key} = {VtrcParser.Quote(setting.Value)}";

    static void PrintJson(ResultWriter output, Configuration configuration)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("file", configuration.File);
        json.WriteBoolean("file_exists", configuration.FileExists);
        json.WriteString("file_origin", configuration.FileOrigin.ToString());
        json.WriteStartArray("settings");
        PrintJson(json, ConfigClause.Global, Globals(configuration));
        foreach (var clause in configuration.Clauses)
            PrintJson(json, clause.Name, clause.Settings);
        json.WriteEndArray();
        json.WriteEndObject();
        output.EndJson();
    }

    static void PrintJson(System.Text.Json.Utf8JsonWriter json, string clause, IReadOnlyList<ConfigSetting> settings)
    {
        foreach (var setting in settings)
        {
            json.WriteStartObject();
            json.WriteString("clause", clause);
            json.WriteString("key", setting.Key);
            json.WriteString("value", setting.Value);
            json.WriteString("origin", setting.Origin.ToString());
            json.WriteEndObject();
        }
    }

    static IReadOnlyList<ConfigSetting> Globals(Configuration configuration) =>
        [configuration.BaseDirectory, configuration.Store, configuration.CacheStore, configuration.HashName, configuration.Author, configuration.Remote];
}
