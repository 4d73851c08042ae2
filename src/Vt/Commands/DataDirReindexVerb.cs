using Vt.Settings;
using Vt.Stores.DataDir.Inspection;

namespace Vt.Commands;

/// <summary>Makes a DataDir's index anew.</summary>
sealed class DataDirReindexVerb : Verb
{
    /// <summary>Makes the command.</summary>
    public DataDirReindexVerb()
        : base("reindex", "Make a store's index anew from its packs")
    {
    }

    /// <inheritdoc/>
    public override string Details => "Never needed for correctness: an index that is missing or damaged is made anew by whoever opens the store next.";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt datadir reindex", "Make it anew, in one piece.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await new DataDirInspector(DataDirVerbs.PathOf(context)).ReindexAsync(cancellationToken);
        return ExitCode.Ok;
    }
}
