using System.CommandLine;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Lists the volumes.</summary>
sealed class VolumeListVerb : Verb
{
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");

    /// <summary>Makes the command.</summary>
    public VolumeListVerb()
        : base("list", "List the volumes in the store, * before the current one")
    {
        Aliases.Add("ls");
        Options.Add(_json);
    }

    /// <inheritdoc/>
    public override string Details => "";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt volume list", "Show each volume, what is checked out of it, and its newest commit.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var current = volumes.Work.ReadCurrent(volumes.Store.Description);
        var rows = new List<(Volume Volume, string Head, BlockHash? Tip)>();
        await foreach (var volume in volumes.Catalog.ListAsync(cancellationToken))
        {
            var head = await volumes.HeadOfAsync(volume, cancellationToken);
            rows.Add((volume, head, await volume.ReadTipAsync(head, cancellationToken)));
        }

        if (context.Get(_json))
        {
            foreach (var (volume, head, tip) in rows)
                PrintJson(context.Output, volume, head, tip, volume.Id == current);
            return ExitCode.Ok;
        }

        var (names, branches) = (rows.Append(default).Max(static row => row.Volume?.Name.Length ?? 6), rows.Append(default).Max(static row => row.Head?.Length ?? 6));
        context.Output.WriteLine($"  {"VOLUME".PadRight(names)}  {"BRANCH".PadRight(branches)}  COMMIT");
        foreach (var (volume, head, tip) in rows)
            context.Output.WriteLine($"{(volume.Id == current ? '*' : ' ')} {volume.Name.PadRight(names)}  {head.PadRight(branches)}  {tip?.ToShortString() ?? "-"}");
        return ExitCode.Ok;
    }

    static void PrintJson(ResultWriter output, Volume volume, string head, BlockHash? tip, bool isCurrent)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("volume", volume.Name);
        json.WriteString("id", volume.Id);
        json.WriteString("branch", head);
        json.WriteString("commit", tip is { } commit ? CommitText.IdOf(commit) : null);
        json.WriteBoolean("current", isCurrent);
        json.WriteEndObject();
        output.EndJson();
    }
}
