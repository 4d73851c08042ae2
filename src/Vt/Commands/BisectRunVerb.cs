using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Mounts;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Commands;

/// <summary>Finds the commit with which a check of the data turns.</summary>
sealed class BisectRunVerb : Verb
{
    const int Skip = 125;
    const int LastBad = 127;

    readonly Option<string> _good = new("--good") { Description = "A commit where the check succeeds; else the first one", HelpName = "REV" };
    readonly Option<string> _bad = new("--bad") { Description = "A commit where it fails; else HEAD", HelpName = "REV" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Argument<string[]> _command = new("CMD") { Description = "The check and its arguments; -- before it where they have options", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public BisectRunVerb()
        : base("run", "Find the commit with which a check of the data turns, by trying the one in the middle again and again")
    {
        Options.Add(_good);
        Options.Add(_bad);
        Options.Add(_volume);
        Arguments.Add(_command);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        CMD runs in each commit that is tried, mounted for reading; VT_MNT is the mount and VT_COMMIT the commit's name. Its exit status says what the commit is: 0 good, 1
        to 127 bad, but 125 that it can't be told; anything else ends the search. Its output goes to standard error. First the good and the bad commit are checked. The commits
        are those on the way from the bad one back along first parents. The first bad one is printed as vt show does; where commits were skipped beside it, the
        exit status is 3.

        Nothing is changed: neither branches nor trees nor mounts.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt bisect run -- test -s important.txt", "Find the commit that emptied a file."),
        ("vt bisect run --good v1.0 -- /usr/local/bin/check-app --quick", "Find the commit with which an application's data broke."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var (volume, bad) = await volumes.ResolveAsync(context.Get(_bad) ?? "HEAD", context.Get(_volume), null, cancellationToken);
        BlockHash? good = context.Get(_good) is { } said ? (await volumes.ResolveAsync(said, volume.Name, null, cancellationToken)).Commit : null;
        var line = await LineAsync(volume, good, bad, cancellationToken);
        if (await IsGoodAsync(context, volumes, volume, line[^1], cancellationToken) != false)
            throw new UserErrorException($"the check does not fail in {line[^1].ToShortString()}: there is nothing to look for");
        if (line.Count == 1 || await IsGoodAsync(context, volumes, volume, line[0], cancellationToken) != true)
            throw new UserErrorException($"the check does not succeed in {line[0].ToShortString()}: say --good REV where it does");
        var bisection = new Bisection(line);
        while (bisection.Next is { } next)
        {
            if (!context.IsQuiet)
                context.Messages.Say($"{bisection.Left} left; trying {next.ToShortString()}");
            bisection.Tell(await IsGoodAsync(context, volumes, volume, next, cancellationToken));
        }

        CommitText.Print(context.Output, bisection.Bad, await volume.Commits.ReadAsync(bisection.Bad, cancellationToken), "", isShort: false);
        var undecided = bisection.Undecided.Select(static id => id.ToShortString()).ToList();
        if (undecided.Count == 0)
            return ExitCode.Ok;
        context.Messages.Say($"it may as well be one of those that were skipped: {string.Join(", ", undecided)}");
        return ExitCode.Partial;
    }

    static async Task<List<BlockHash>> LineAsync(Volume volume, BlockHash? good, BlockHash bad, CancellationToken cancellationToken)
    {
        var line = new List<BlockHash> { bad };
        while (line[^1] != good)
        {
            var parents = (await volume.Commits.ReadAsync(line[^1], cancellationToken)).Parents;
            if (parents.Count == 0)
                break;
            line.Add(parents[0]);
        }

        if (good is { } wanted && line[^1] != wanted)
            throw new UserErrorException($"{bad.ToShortString()} does not come from {wanted.ToShortString()} along first parents");
        line.Reverse();
        return line;
    }

    async Task<bool?> IsGoodAsync(CommandContext context, OpenVolumes volumes, Volume volume, BlockHash id, CancellationToken cancellationToken)
    {
        var root = (await volume.Commits.ReadAsync(id, cancellationToken)).Root;
        var variables = new Dictionary<string, string> { ["VT_COMMIT"] = CommitText.IdOf(id) };
        var name = $"{volume.Name}@{id.ToShortString()}";
        var status = await CheckedCommit.RunAsync(
            volumes.Store, root, name, context.Get(_command), variables, context.Surroundings.Error, context.Messages.Say, cancellationToken);
        return status switch
        {
            0 => true,
            Skip => null,
            > 0 and <= LastBad => false,
            _ => throw new UserErrorException($"the check ended with status {status} in {id.ToShortString()}, which is no answer"),
        };
    }
}
