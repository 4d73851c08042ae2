using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Hosts.ShadowHost;
using Vt.Output;
using Vt.Posix;
using Vt.Settings;
using Vt.Trees.Archives;

namespace Vt.Commands;

/// <summary>Tells how a folder and its archive stand.</summary>
sealed class ShadowStatusVerb : Verb
{
    readonly Option<string> _state = ShadowVerbs.State();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object");
    readonly Argument<string> _folder = new("FOLDER") { Description = "The folder" };

    /// <summary>Makes the command.</summary>
    public ShadowStatusVerb()
        : base("status", "Tell what a folder and its archive last agreed on, what waits, and the last conflicts")
    {
        Options.Add(_state);
        Options.Add(_json);
        Arguments.Add(_folder);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        It reads what the last round noted, and looks whether the archive has a newer state; the folder is not looked at: vt shadow sync -n does that.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt shadow status ~/notes", "Show how the folder stands.")];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var folder = ShadowVerbs.FolderOf(context, _folder);
        using var files = new ShadowFiles(ShadowVerbs.PlaceOf(context, context.Get(_state), folder));
        var state = files.Read() ?? throw new UserErrorException($"{folder} is no shadow of an archive yet: vt shadow sync makes it one");
        var archive = new ArchiveFile(state.Archive, context.Surroundings.Clock);
        var newest = archive.Exists && !archive.IsUnfinished ? archive.ReadLast()?.Root : null;
        var word = newest is null ? "missing" : newest.Equals(state.Agreed) ? "agreed" : "newer";
        if (context.Get(_json))
            PrintJson(context.Output, state, word, files.FindHolder());
        else
            Print(context.Output, state, word, files.FindHolder());
        return Task.FromResult(ExitCode.Ok);
    }

    static void Print(ResultWriter output, ShadowState state, string word, int? process)
    {
        output.WriteLine($"folder     {PathText.Of(LosslessText.ToBytes(state.Folder))}");
        output.WriteLine($"archive    {PathText.Of(LosslessText.ToBytes(state.Archive))}{word switch { "missing" => ", which is not there", "newer" => ", which has a newer state", _ => "" }}");
        output.WriteLine($"agreed     {state.When.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        output.WriteLine(process is null ? "at work    nobody: vt shadow watch" : $"at work    process {process}");
        foreach (var (path, why) in state.Waiting)
            output.WriteLine($"waiting    {path}: {why}");
        foreach (var conflict in state.Conflicts)
            output.WriteLine($"conflict   {conflict}");
    }

    static void PrintJson(ResultWriter output, ShadowState state, string word, int? process)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("folder", PathText.Of(LosslessText.ToBytes(state.Folder)));
        json.WriteString("archive", PathText.Of(LosslessText.ToBytes(state.Archive)));
        json.WriteString("target", word);
        json.WriteString("agreed", state.When);
        if (process is { } number)
            json.WriteNumber("process", number);
        json.WriteStartArray("waiting");
        foreach (var (path, _) in state.Waiting)
            json.WriteStringValue(path);
        json.WriteEndArray();
        json.WriteStartArray("conflicts");
        foreach (var conflict in state.Conflicts)
            json.WriteStringValue(conflict);
        json.WriteEndArray();
        json.WriteEndObject();
        output.EndJson();
    }
}
