using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Waits until everything in a cache's queue is in the store behind.</summary>
sealed class CacheFlushVerb : Verb
{
    readonly Argument<string?> _spec = CacheVerbs.Spec();

    /// <summary>Makes the command.</summary>
    public CacheFlushVerb()
        : base("flush", "Send what waits to the store behind, and wait until it is there") => Arguments.Add(_spec);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt cache flush", "Before a laptop is closed: send what it still has alone."),
        ("vt cache flush [laptop]", "The same for the cache in the clause [laptop]."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        foreach (var cache in CacheVerbs.Find(context, _spec))
        {
            await using var store = await context.OpenStoreAsync(cache, isReadOnly: false, cancellationToken);
            if (store is not IStoreLag lagging)
                continue;
            await lagging.CatchUpAsync(cancellationToken);
            if (lagging.GetLag() is { Conflicts: > 0 and var conflicts })
                context.Messages.Say($"{cache.Path}: {conflicts} references had been moved elsewhere too; what they were moved to here is kept below conflict/");
        }

        return ExitCode.Ok;
    }
}
