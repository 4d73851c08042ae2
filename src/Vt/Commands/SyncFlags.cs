using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Remotes;
using Vt.Stores.Config;
using Vt.Trees.Sync;

namespace Vt.Commands;

/// <summary>The options that push, pull, sync and clone-remote share, and what their help says of remotes.</summary>
sealed class SyncFlags
{
    /// <summary>What the help says of the argument.</summary>
    public const string RemoteHelp =
        """
        REMOTE is a clause of the configuration ([office], or office by itself) or a store spec: ssh://host/path, tcp:host:port, s3://bucket/prefix, a path, "|command". The first word is
        always the remote; - stands for the one that remote = NAME in [GLOBAL] or VT_REMOTE chooses, or for the only clause that there is besides the store itself. vt remote list shows them.
        """;

    /// <summary>What the help says of volumes at two places.</summary>
    public const string RuleHelp =
        """
        A volume is the same at both sides if it has the same id, whatever it is called. A branch is only ever moved on, to a commit that comes from the one that was there; where each side has
        commits of its own nothing is moved, a line says what to do, the others go on, and the exit status is 1. What comes of a remote's branch is called REMOTE/BRANCH, in every command that
        takes revisions. Only what is missing travels. Whatever breaks a transfer off, the next goes on from there. Tags below auto/ and what is stashed stay on each machine.
        """;

    readonly Option<bool> _force = new("-f", "--force") { Description = "Move branches and tags also where that leaves commits behind; they stay in the log" };
    readonly Option<bool> _dryRun = new("-n", "--dry-run") { Description = "Only say what would be moved, and how much is missing" };
    readonly Option<bool> _verify = new("--verify") { Description = "In the end read every block of what was pushed, at the remote" };
    readonly Option<string?> _limit = new("--limit") { Description = "Send no more than this many bytes a second: 500k, 2 MiB", HelpName = "RATE" };
    readonly Option<int> _parallel = new("--parallel") { Description = "How many batches are under way at a time; 4 by default", HelpName = "N", DefaultValueFactory = static _ => 4 };
    readonly Option<string?> _as = new("--as") { Description = "What to call the volume or archive where it is new", HelpName = "NAME" };
    readonly Option<bool> _stats = new("--stats") { Description = "Print how many blocks were asked about, were there and were sent" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object for each thing, and with --stats one with the numbers");

    /// <summary>Puts the options on a command.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="withVerify">Whether it writes to the remote.</param>
    /// <param name="withForce">Whether it moves branches.</param>
    public void AddTo(Verb verb, bool withVerify, bool withForce = true)
    {
        if (withForce)
            verb.Options.Add(_force);
        verb.Options.Add(_dryRun);
        if (withVerify)
            verb.Options.Add(_verify);
        foreach (var option in (Option[])[_limit, _parallel, _as, _stats, _json])
            verb.Options.Add(option);
    }

    /// <summary>Runs an operation between the store and a remote, and shows how far it is and what came of it.</summary>
    /// <param name="context">The command.</param>
    /// <param name="remote">The remote, as it was typed; null for the usual one.</param>
    /// <param name="isWritten">Whether the remote is written.</param>
    /// <param name="verb">What is done, in one word.</param>
    /// <param name="run">Does it.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <returns>The exit status.</returns>
    public async Task<int> RunAsync(
        CommandContext context, string? remote, bool isWritten, string verb, Func<StoreSync, Task> run, CancellationToken cancellationToken)
    {
        var options = Read(context);
        var report = new SyncReport(context, context.Get(_json), options.IsDryRun);
        await using var session = await RemoteSession.OpenAsync(context, RemotePlace.Find(context, remote), isWritten, options, report, cancellationToken);
        var counters = session.Transfer.Counters;
        await using (new ProgressDisplay(context.Surroundings, context.Messages, context.IsQuiet, verb, () => Look(counters)))
            await run(new StoreSync(session));
        report.Finish(counters, context.Get(_stats));
        return report.Code;
    }

    static ProgressSnapshot Look(TransferCounters counters) =>
        new(counters.SentBytes, counters.SentBlocks, Math.Max(counters.ExpectedBytes, counters.SentBytes)) { Things = "blocks" };

    SyncOptions Read(CommandContext context)
    {
        long? limit = null;
        if (context.Get(_limit) is { } rate)
        {
            limit = ScaledSize.TryParse(rate, out var bytes) && bytes > 0
                ? bytes
                : throw new UserErrorException($"--limit {rate}: that is no number of bytes a second; write 500k, 2 MiB or 1000000");
        }

        var parallel = context.Get(_parallel);
        if (parallel is < 1 or > 32)
            throw new UserErrorException("--parallel takes a number from 1 to 32");
        return new SyncOptions
        {
            IsForced = context.Get(_force),
            IsDryRun = context.Get(_dryRun),
            IsVerified = context.Get(_verify),
            BytesPerSecond = limit,
            Parallel = parallel,
            As = context.Get(_as),
        };
    }
}
