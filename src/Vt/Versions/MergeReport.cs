using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Merge;
using Vt.Volumes.Branches;

namespace Vt.Versions;

/// <summary>Says what came of a merge.</summary>
static class MergeReport
{
    /// <summary>Prints the commit, or lists the conflicts.</summary>
    /// <param name="context">The command.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="isJson">Whether to print JSON objects.</param>
    /// <param name="made">The commit; null where none was made.</param>
    /// <param name="conflicts">What could not be merged.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The exit status.</returns>
    public static async Task<int> PrintAsync(
        CommandContext context, Volume volume, bool isJson, BlockHash? made, IReadOnlyList<MergeConflict> conflicts, CancellationToken cancellationToken)
    {
        if (made is { } id)
        {
            if (isJson)
                CommitText.PrintJson(context.Output, id, await volume.Commits.ReadAsync(id, cancellationToken));
            else
                context.Output.WriteLine(CommitText.IdOf(id));
            return ExitCode.Ok;
        }

        PrintConflicts(context, isJson, conflicts);
        context.Messages.Say(conflicts.Count == 0
            ? "there is nothing in it that is not there already"
            : $"{conflicts.Count} {(conflicts.Count == 1 ? "conflict" : "conflicts")}: put the tree right and commit it, or give it up with vt reset --hard HEAD");
        return ExitCode.Partial;
    }

    /// <summary>Lists conflicts.</summary>
    public static void PrintConflicts(CommandContext context, bool isJson, IReadOnlyList<MergeConflict> conflicts)
    {
        foreach (var conflict in conflicts)
        {
            if (isJson)
                PrintJson(context.Output, conflict);
            else
                context.Output.WriteLine($"{NameText.Of(conflict.Path.Span)}: {TextOf(conflict)}");
        }
    }

    static string TextOf(MergeConflict conflict) => conflict.Kind switch
    {
        MergeConflictKind.Content => $"both changed its content; theirs is {NameText.Of(conflict.Sibling.Span)}",
        MergeConflictKind.Kind => $"both made something else of it; theirs is {NameText.Of(conflict.Sibling.Span)}",
        MergeConflictKind.Metadata => "both changed its owner, mode or attributes; ours is there",
        MergeConflictKind.RemovedHere => "it was removed here and changed there; theirs is there",
        _ => "it was removed there and changed here; ours is there",
    };

    static void PrintJson(ResultWriter output, MergeConflict conflict)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        NameText.WriteJson(json, "path", conflict.Path.Span);
        json.WriteString("conflict", conflict.Kind switch
        {
            MergeConflictKind.Content => "content",
            MergeConflictKind.Kind => "kind",
            MergeConflictKind.Metadata => "metadata",
            MergeConflictKind.RemovedHere => "removed here",
            _ => "removed there",
        });
        if (!conflict.Sibling.IsEmpty)
            NameText.WriteJson(json, "theirs", conflict.Sibling.Span);
        json.WriteEndObject();
        output.EndJson();
    }
}
