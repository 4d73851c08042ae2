using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Hosts.PlatonicHost;
using Vt.Posix;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Keeps a platonic store up to date.</summary>
sealed class PlatonicWatchVerb : Verb
{
    const int Nice = 10;

    readonly Option<string> _settle = new("--settle") { Description = "How long nothing must have changed before it is indexed, else 2s", HelpName = "DURATION" };
    readonly Option<string> _rescan = new("--rescan") { Description = "How often everything is looked at all the same, else 6h", HelpName = "DURATION" };
    readonly Option<int> _most = new("--max-watches") { Description = "How many folders are watched at most; else as many as the system allows", HelpName = "N", DefaultValueFactory = static _ => int.MaxValue };

    /// <summary>Makes the command.</summary>
    public PlatonicWatchVerb()
        : base("watch", "Index the folder, and from then on whatever changes in it, until it is ended")
    {
        foreach (var option in (Option[])[_settle, _rescan, _most])
            Options.Add(option);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        It stays in the foreground and ends on SIGTERM and SIGINT. Everything is looked at once; then only folders in which something happens, once it has settled, or after ten times as
        long where it never does. The archive gets a line for each state. It gives way to other processes, to the disk as well, and does nothing while nothing happens.

        The system limits how many folders a user may watch (fs.inotify.max_user_watches). What lies in folders that can't be watched is found by looking at everything
        each five minutes, and so is everything where no watching is to be had at all (fs.inotify.max_user_instances); vt platonic status says how many there are. Changes that programs make in memory mappings are told by no event: they are found by --rescan, and
        never served wrong.

        One process watches a store; others may read it, and serve it. The unit vt-platonic@.service starts it with systemd, vt-platonic@photos for the clause [photos].
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt platonic watch -S [photos]", "Keep the folder of the clause [photos] indexed."),
        ("vt platonic watch -S [photos] --settle 30s --rescan 1h", "Wait longer for changes to settle, and trust events less."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var standard = new WatchOptions();
        var settings = PlatonicVerbs.Find(context);
        if (context.Get(_most) < 0)
            throw new UserErrorException("--max-watches: less than no folder can't be watched");
        var options = standard with
        {
            Settle = context.GetDuration(_settle) ?? standard.Settle,
            Rescan = context.GetDuration(_rescan) ?? standard.Rescan,
            MostWatches = context.Get(_most),
            Clock = context.Surroundings.Clock,
            Log = context.IsQuiet ? null : context.Messages.Say,
            OnReady = () => Ready(context, settings.Path),
        };
        await using var store = await PlatonicVerbs.OpenAsync(context, settings, cancellationToken);
        Priority.GiveWay(Nice);
        try
        {
            await new PlatonicWatcher(store, PlatonicVerbs.OptionsOf(context, settings), options).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Which is how it is meant to end.
        }

        ServiceNotice.SayStopping(context.Surroundings.Environment);
        return ExitCode.Ok;
    }

    static void Ready(CommandContext context, string folder)
    {
        if (!context.IsQuiet)
            context.Messages.Say($"{folder} is indexed, and watched");
        ServiceNotice.SayReady(context.Surroundings.Environment);
    }
}
