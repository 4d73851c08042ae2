using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Remotes;
using Vt.Settings;
using Vt.Stores.Config;

namespace Vt.Commands;

/// <summary>Lists the remotes.</summary>
sealed class RemoteListVerb : Verb
{
    readonly Option<bool> _check = new("--check") { Description = "Open each, and say whether it can be reached" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object for each");

    /// <summary>Makes the command.</summary>
    public RemoteListVerb()
        : base("list", "List the stores in the configuration that are not the store itself, * before the usual remote")
    {
        Aliases.Add("ls");
        Options.Add(_check);
        Options.Add(_json);
    }

    /// <inheritdoc/>
    public override string Details =>
        "A remote is a clause of the configuration, as any store is: see vtrc(5). remote = NAME in [GLOBAL], or VT_REMOTE, says which one is meant where none is named; with one clause alone"
        + " that need not be said. The exit status is 3 where one of them can't be reached.";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt remote list", "Show every remote and its type."),
        ("vt remote list --check", "Show which of them can be reached."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var clauses = RemotePlace.List(context.Configuration).ToList();
        var usual = context.Configuration.Remote.Value.Trim('[', ']') is { Length: > 0 } said ? said : clauses is [var only] ? only.Name : null;
        var (isChecked, isJson, code) = (context.Get(_check), context.Get(_json), ExitCode.Ok);
        var width = clauses.Select(static clause => clause.Name.Length).Append(6).Max();
        foreach (var clause in clauses)
        {
            var settings = context.Configuration.Resolve($"[{clause.Name}]", clause.Origin);
            var fault = isChecked ? await FindFaultAsync(context, settings, cancellationToken) : null;
            code = fault is null ? code : ExitCode.Partial;
            if (isJson)
                PrintJson(context.Output, clause, settings, clause.Name == usual, isChecked, fault);
            else
                context.Output.WriteLine(TerminalText.Visible($"{(clause.Name == usual ? '*' : ' ')} {clause.Name.PadRight(width)}  {settings.TypeName,-8}{(isChecked ? $"  {fault ?? "can be reached"}" : "")}".TrimEnd()));
            context.Output.Flush();
        }

        return code;
    }

    static async Task<string?> FindFaultAsync(CommandContext context, StoreSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = await RemoteSession.OpenAsync(context, settings, isReadOnly: true, cancellationToken);
            await store.ContainsManyAsync(new[] { store.Hasher.Hash([]) }, new bool[1], cancellationToken);
            return null;
        }
        catch (Exception fault) when (fault is UserErrorException or StoreUnavailableException or FormatInvalidException or IOException or UnauthorizedAccessException)
        {
            return ErrorText.Of(fault);
        }
    }

    static void PrintJson(ResultWriter output, ConfigClause clause, StoreSettings settings, bool isUsual, bool isChecked, string? fault)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("remote", clause.Name);
        json.WriteString("type", settings.TypeName);
        json.WriteBoolean("usual", isUsual);
        if (isChecked)
            json.WriteBoolean("reached", fault is null);
        if (fault is not null)
            json.WriteString("fault", fault);
        json.WriteEndObject();
        output.EndJson();
    }
}
