using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Hosts.ShadowHost;
using Vt.Posix;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Keeps a folder and an archive equal.</summary>
sealed class ShadowWatchVerb : Verb
{
    const int Nice = 10;

    readonly ShadowFlags _flags = new();
    readonly Option<string> _settle = new("--settle") { Description = "How long nothing must have changed before it is taken, else 2s", HelpName = "DURATION" };
    readonly Option<string> _interval = new("--interval") { Description = "How often the archive is asked whether it has grown, else 1s", HelpName = "DURATION" };
    readonly Option<string> _rescan = new("--rescan") { Description = "How often everything in the folder is looked at all the same, else 6h", HelpName = "DURATION" };
    readonly Option<int> _most = new("--max-watches") { Description = "How many folders are watched at most; else as many as the system allows", HelpName = "N", DefaultValueFactory = static _ => int.MaxValue };

    /// <summary>Makes the command.</summary>
    public ShadowWatchVerb()
        : base("watch", "Keep a folder and an archive equal, both ways, until it is ended")
    {
        _flags.AddTo(this);
        foreach (var option in (Option[])[_settle, _interval, _rescan, _most])
            Options.Add(option);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        As vt shadow sync, once at the start and then whenever either side has changed. It stays in the foreground and ends on SIGTERM and SIGINT, gives way to other processes, to the
        disk as well, and does next to nothing while nothing happens. What fails is told and tried again a minute later.

        The system limits how many folders a user may watch (fs.inotify.max_user_watches). What lies in folders that can't be watched is found by looking at everything each five minutes.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt shadow watch ~/notes /mnt/share/notes.vt", "Follow both; the same on another machine keeps two folders equal."),
        ("vt shadow watch --settle 30s --one-way to-store /srv/data data.vt", "Save what changes, and never touch the folder."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var standard = new ShadowWatchOptions();
        var (options, state) = _flags.Read(context);
        if (context.Get(_most) < 0)
            throw new UserErrorException("--max-watches: less than no folder can't be watched");
        options = options with { Workers = 1 };
        var watch = standard with
        {
            Settle = context.GetDuration(_settle) ?? standard.Settle,
            Interval = context.GetDuration(_interval) ?? standard.Interval,
            Rescan = context.GetDuration(_rescan) ?? standard.Rescan,
            MostWatches = context.Get(_most),
            OnRound = report => Tell(context, report),
            OnFault = context.Messages.Say,
            OnReady = () => Ready(context, options),
        };
        using var files = new ShadowFiles(state, context.Boundary);
        files.Take();
        await using var store = await context.OpenStoreAsync(isReadOnly: false, cancellationToken);
        Priority.GiveWay(Nice);
        try
        {
            await new ShadowWatcher(new ShadowRound(store, files, options), options, watch).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Which is how it is meant to end.
        }

        ServiceNotice.SayStopping(context.Surroundings.Environment);
        return ExitCode.Ok;
    }

    static void Tell(CommandContext context, ShadowReport report)
    {
        ShadowVerbs.SayTroubles(context, report);
        if (!context.IsQuiet)
            context.Messages.Say(ShadowVerbs.Summary(report));
    }

    static void Ready(CommandContext context, ShadowOptions options)
    {
        if (!context.IsQuiet)
            context.Messages.Say($"{options.Folder} and {options.Archive} are equal, and followed");
        ServiceNotice.SayReady(context.Surroundings.Environment);
    }
}
