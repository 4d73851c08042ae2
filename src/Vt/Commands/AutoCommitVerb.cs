using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Docker;
using Vt.Hosts.DockerEngine;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Retention;

namespace Vt.Commands;

/// <summary>Commits branches by itself.</summary>
sealed class AutoCommitVerb : Verb
{
    // How often is looked whether something has changed.
    static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    // And how often an engine that is gone is asked.
    static readonly TimeSpan _again = TimeSpan.FromSeconds(5);

    readonly Option<string> _every = new("--every") { Description = "Commit at this interval", HelpName = "DURATION" };
    readonly Option<bool> _onChange = new("--on-change") { Description = "Commit when changes have settled" };
    readonly Option<bool> _onContainers = new("--on-containers") { Description = "Commit when a Docker container that uses the volume starts or has stopped" };
    readonly Option<string> _settle = new("--settle") { Description = "With --on-change: how long nothing must have changed, else 10s", HelpName = "DURATION" };
    readonly Option<string> _keep = new("--keep") { Description = "Thin earlier automatic commits: EVERY:FOR, with commas between", HelpName = "RULES" };
    readonly Option<bool> _once = new("--once") { Description = "Commit and thin once, and end" };
    readonly Option<string> _message = new("-m", "--message") { Description = "The message, in which {volume}, {branch} and {date} stand for those", HelpName = "TEMPLATE" };
    readonly Argument<string[]> _places = new("VOLUME[@BRANCH]") { Description = "The branches; else the one that is checked out of the current volume", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public AutoCommitVerb()
        : base("auto-commit", "Commit branches at intervals or after changes, and thin what gets old")
    {
        foreach (var option in (Option[])[_every, _onChange, _onContainers, _settle, _keep, _once, _message])
            Options.Add(option);
        Arguments.Add(_places);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        It runs until it is interrupted or ended by a signal. An automatic commit keeps the tree as vt commit does, mounted and busy or not, but the branch does not move: it is a commit
        beside it, on the branch's newest one, under a tag of its own, auto/BRANCH/2026-11-22T10-30-00Z (UTC). VOLUME@auto/BRANCH/... is a revision as any other, and vt tag lists
        them. Where nothing has changed none is made. Changes of a branch that is mounted are seen when the mount makes a state of them (vt mount -o commit=). An error of one branch is said in a line, and the next time it is tried again.

        With --on-containers the plugin (vt docker-plugin) must have served the volumes; a container that starts finds what is committed then, before it changes anything.

        A DURATION is 90s, 10m, 1h, 1d or 2w. With --keep 10m:1d,1h:1w,1d:30d there is one for every ten minutes of the last day, for every hour of the last week and for every day of the last
        thirty; each is the oldest of its stretch, and the newest of all stays. Other tags and commits are never thinned. What is thinned is gone for good: its room is
        what the thinning is for. So is an automatic tag that is removed with vt tag -d.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt auto-commit --every 10m --keep 10m:1d,1h:1w,1d:30d", "Commit what is checked out of the current volume, and keep fewer of the older ones."),
        ("vt auto-commit home@main frob_mysql --every 1h --on-change --settle 30s", "Commit two volumes each hour, and when changes have settled."),
        ("vt auto-commit shop --on-containers --keep 1h:1w", "Commit a volume around each run of a container."),
        ("vt auto-commit --once --keep 1d:30d home", "The same from cron or a timer."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var every = context.GetDuration(_every);
        var (isOnChange, isOnContainers, isOnce) = (context.Get(_onChange), context.Get(_onContainers), context.Get(_once));
        var settle = context.GetDuration(_settle) ?? TimeSpan.FromSeconds(10);
        if (every is null && !isOnChange && !isOnContainers && !isOnce)
            throw new UserErrorException("when? say --every DURATION, --on-change, --on-containers or --once");
        if (isOnce && (every is not null || isOnChange || isOnContainers))
            throw new UserErrorException("--once commits now and ends: leave --every, --on-change and --on-containers out");
        if (context.Get(_settle) is not null && !isOnChange)
            throw new UserErrorException("--settle is for changes: say --on-change too");
        var keep = context.Get(_keep) is { } rules ? KeepRules.Parse(rules) : null;
        var schedule = string.Join(", ", ((string?[])[isOnce ? "once" : null, every is null ? null : $"every {context.Get(_every)}", isOnChange ? $"on change, settled {context.Get(_settle) ?? "10s"}" : null, isOnContainers ? "on start and stop of containers" : null]).OfType<string>());
        string[] places = context.Get(_places) is { Length: > 0 } several ? several : [""];
        var committers = places.Select(place => new AutoCommitter(context, place, context.Get(_message) ?? "auto-commit of {volume}@{branch}", schedule, keep)).ToList();
        if (isOnce)
            return await RunAllAsync(committers, cancellationToken) ? ExitCode.Ok : ExitCode.Partial;
        using var containers = isOnContainers ? VolumeContainers.TryOpen(context) ?? throw new UserErrorException("--on-containers: there is no Docker Engine, or no vt docker-plugin has served it: start both first") : null;
        using var turn = new SemaphoreSlim(1);
        try
        {
            await RunAllAsync(committers, cancellationToken);
            var watching = containers is null ? Task.CompletedTask : WatchAsync(context, containers, committers, cancellationToken);
            await Task.WhenAll(committers.Select(committer => RepeatAsync(context.Surroundings.Clock, committer, turn, (every, isOnChange ? settle : null, isOnContainers), cancellationToken)).Append(watching));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Which is how it is meant to end.
        }

        return ExitCode.Ok;
    }

    // An engine that ends may be there again later; the other reasons to commit go on meanwhile.
    static async Task WatchAsync(CommandContext context, VolumeContainers containers, List<AutoCommitter> committers, CancellationToken cancellationToken)
    {
        var isTold = false;
        while (true)
        {
            try
            {
                await foreach (var use in containers.WatchUsesAsync(cancellationToken))
                {
                    isTold = false;
                    foreach (var committer in committers)
                        committer.Poke(use);
                }
            }
            catch (EngineException fault)
            {
                if (!isTold)
                    context.Messages.Say($"--on-containers: {fault.Message}; trying again");
                isTold = true;
            }

            await Task.Delay(_again, context.Surroundings.Clock, cancellationToken);
        }
    }

    static async Task<bool> RunAllAsync(List<AutoCommitter> committers, CancellationToken cancellationToken)
    {
        var isDone = true;
        foreach (var committer in committers)
            isDone &= await committer.RunAsync(cancellationToken);
        return isDone;
    }

    // The branches take turns, as what they print does. A commit of a mounted branch makes a state of it, which looks like a change: the next time finds nothing new.
    static async Task RepeatAsync(TimeProvider clock, AutoCommitter committer, SemaphoreSlim turn, (TimeSpan? Every, TimeSpan? Settle, bool IsPoked) when, CancellationToken cancellationToken)
    {
        var (every, settle, isPoked) = when;
        var (last, seen, committed) = (clock.GetUtcNow(), committer.Mark, committer.Mark);
        var changed = last;
        while (true)
        {
            var now = clock.GetUtcNow();
            var left = settle is null && !isPoked ? last + every!.Value - now : _look;
            if (left > TimeSpan.Zero)
                await Task.Delay(left < _look ? left : _look, clock, cancellationToken);
            now = clock.GetUtcNow();
            var mark = committer.Mark;
            if (mark != seen)
                (seen, changed) = (mark, now);
            if (!(every is { } interval && now - last >= interval) && !(settle is { } quiet && seen != committed && now - changed >= quiet) && !committer.TakePoke())
                continue;
            await turn.WaitAsync(cancellationToken);
            try
            {
                await committer.RunAsync(cancellationToken);
            }
            finally
            {
                turn.Release();
            }

            last = now;
            (seen, committed) = (committer.Mark, committer.Mark);
        }
    }
}
