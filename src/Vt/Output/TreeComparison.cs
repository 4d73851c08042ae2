using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Trees.Diff;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.Output;

/// <summary>Shows what differs between two trees: names, figures or a patch.</summary>
sealed record TreeComparison
{
    /// <summary>Whether lines and bytes are counted.</summary>
    public bool HasStatistics { get; init; }

    /// <summary>Whether a patch is printed.</summary>
    public bool IsPatch { get; init; }

    /// <summary>How many equal lines a patch has around changes.</summary>
    public int Context { get; init; }

    /// <summary>Whether letters and paths are printed as bytes, ended by NUL.</summary>
    public bool IsRaw { get; init; }

    /// <summary>Whether JSON objects are printed.</summary>
    public bool IsJson { get; init; }

    /// <summary>Prints what differs.</summary>
    /// <returns>Whether anything does.</returns>
    public async Task<bool> ShowAsync(CommandContext context, IBlockStore store, DirectoryReader directories, Dirent before, Dirent after, CancellationToken cancellationToken)
    {
        var contents = new ContentDiff(store);
        var statistics = new DiffStatistics(context.Surroundings.Width);
        var isFound = false;
        await foreach (var change in new TreeDiff(directories).CompareAsync(before, after, cancellationToken))
        {
            isFound = true;
            if (IsPatch)
                await PrintPatchAsync(context.Output, contents, change, cancellationToken);
            else if (HasStatistics)
                await CountAsync(context.Output, contents, statistics, change, cancellationToken);
            else if (IsJson)
                TreeChangeText.PrintJson(context.Output, change);
            else if (IsRaw)
                TreeChangeText.PrintRaw(context.Output, change);
            else
                TreeChangeText.Print(context.Output, change);
        }

        if (HasStatistics && IsJson)
            statistics.PrintJson(context.Output);
        else if (HasStatistics)
            statistics.Print(context.Output);
        return isFound;
    }

    async ValueTask PrintPatchAsync(ResultWriter output, ContentDiff contents, TreeChange change, CancellationToken cancellationToken)
    {
        foreach (var part in PatchText.PartsOf(change))
            PatchText.Print(output, await contents.CompareAsync(part, cancellationToken), Context);
    }

    async ValueTask CountAsync(ResultWriter output, ContentDiff contents, DiffStatistics statistics, TreeChange change, CancellationToken cancellationToken)
    {
        var content = await contents.CompareAsync(change, cancellationToken);
        if (statistics.Add(content) && IsJson)
            TreeChangeText.PrintJson(output, change, content);
    }
}
