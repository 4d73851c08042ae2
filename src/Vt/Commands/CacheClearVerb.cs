using System.CommandLine;
using Vt.Output;
using Vt.Settings;
using Vt.Stores.Cache;

namespace Vt.Commands;

/// <summary>Empties a cache.</summary>
sealed class CacheClearVerb : Verb
{
    readonly Option<bool> _unsent = new("--unsent") { Description = "Drop what waits to be sent as well: it is lost, unless it is imported again" };
    readonly Argument<string?> _spec = CacheVerbs.Spec();

    /// <summary>Makes the command.</summary>
    public CacheClearVerb()
        : base("clear", "Drop what a cache keeps of the store behind")
    {
        Options.Add(_unsent);
        Arguments.Add(_spec);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        What waits to be sent stays, unless --unsent is said. Other processes may use the cache meanwhile.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt cache clear", "Give the disk its room back."),
        ("vt cache clear --unsent [laptop]", "Give up what could not be sent, too."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var unsent = context.Get(_unsent);
        foreach (var cache in CacheVerbs.Find(context, _spec))
        {
            if (new CacheInspector(cache.Path).Clear(unsent, cancellationToken) is { IsNone: false } lag)
            {
                context.Messages.Say(unsent
                    ? $"{cache.Path}: {HumanText.Count(lag.Blocks, "block")} and {HumanText.Count(lag.Moves, "movement")} of references were dropped that had not been sent"
                    : $"{cache.Path}: {HumanText.Count(lag.Blocks, "block")} and {HumanText.Count(lag.Moves, "movement")} of references wait to be sent, and stay");
            }
        }

        return Task.FromResult(ExitCode.Ok);
    }
}
