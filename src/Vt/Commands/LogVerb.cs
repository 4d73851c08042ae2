using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Trees.Meta;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;
using Vt.Volumes.Revisions;

namespace Vt.Commands;

/// <summary>Lists a volume's commits, or an archive's states.</summary>
sealed class LogVerb : Verb
{
    readonly Option<bool> _reverse = new("-r", "--reverse") { Description = "Show the oldest first" };
    readonly Option<int?> _count = new("-n", "--max-count") { Description = "Show at most so many", HelpName = "NUMBER" };
    readonly Option<bool> _oneLine = new("--oneline") { Description = "Show a line for each commit" };
    readonly Option<string> _since = new("--since") { Description = "Show commits after a date only", HelpName = "DATE" };
    readonly Option<string> _until = new("--until") { Description = "Show commits up to a date only", HelpName = "DATE" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string?> _what = new("REV|ARCHIVE.vt") { Description = "The commit to begin with, else HEAD; or an archive file", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public LogVerb()
        : base("log", "List a volume's commits or an archive's states, the newest first")
    {
        foreach (var option in (Option[])[_reverse, _count, _oneLine, _since, _until, _volume, _json])
            Options.Add(option);
        Arguments.Add(_what);
    }

    /// <inheritdoc/>
    public override string Details =>
        "Of an archive each line is a date, by which ARCHIVE.vt@DATE finds the state, and the text of its root, which every command takes. A line of the archive"
        + " that can't be read is reported and passed over, and the exit status is 3. What is a file, or ends in .vt, is an archive.\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt log", "List the commits of what is checked out."),
        ("vt log --oneline --since last.week frob_mysql@main", "List the latest ones of a branch."),
        ("vt log home.vt", "List all states of an archive."),
        ("vt log -n 1 --json home.vt", "Show the last one for a program."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if ((context.Get(_count) ?? 0) is < 0 and var most)
            throw new UserErrorException($"-n takes a number, not {most}");
        var what = context.Get(_what);
        if (what is null || !(what.EndsWith(".vt", StringComparison.Ordinal) || File.Exists(context.PathFromHere(what))))
            return ShowCommitsAsync(context, what ?? "HEAD", cancellationToken);
        if (context.Get(_oneLine) || (context.Get(_since) ?? context.Get(_until) ?? context.Get(_volume)) is not null)
            throw new UserErrorException($"{what} is an archive: --oneline, --since, --until and -V are for volumes");
        return Task.FromResult(ShowStates(context, what, cancellationToken));
    }

    async Task<int> ShowCommitsAsync(CommandContext context, string what, CancellationToken cancellationToken)
    {
        var (since, until) = (DateOf(context, _since), DateOf(context, _until));
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        if (await IsUnbornAsync(volumes, what, context.Get(_volume), cancellationToken))
            return ExitCode.Ok;
        var (volume, start) = await volumes.ResolveAsync(what, context.Get(_volume), null, cancellationToken);
        var names = await NamesAsync(volumes, volume, cancellationToken);
        var left = context.Get(_count) ?? int.MaxValue;
        var shown = new List<(BlockHash Id, Commit Commit)>();
        await foreach (var (id, commit) in new CommitWalk(volume.Commits).WalkAsync([start], cancellationToken))
        {
            var when = commit.Committer.When;
            if (left == 0)
                break;
            if ((since is { } from && when.CompareTo(from) <= 0) || (until is { } to && when.CompareTo(to) > 0))
                continue;
            left--;
            if (context.Get(_reverse))
                shown.Add((id, commit));
            else
                Show(context, id, commit, names);
        }

        shown.Reverse();
        foreach (var (id, commit) in shown)
            Show(context, id, commit, names);
        return ExitCode.Ok;
    }

    void Show(CommandContext context, BlockHash id, Commit commit, Dictionary<BlockHash, string> names)
    {
        if (context.Get(_json))
            CommitText.PrintJson(context.Output, id, commit);
        else
            CommitText.Print(context.Output, id, commit, names.GetValueOrDefault(id, ""), context.Get(_oneLine));
    }

    // A branch without commits has an empty log, which is no error.
    static async Task<bool> IsUnbornAsync(OpenVolumes volumes, string what, string? name, CancellationToken cancellationToken)
    {
        var revision = Revision.Parse(what);
        if (!revision.IsName)
            return false;
        var volume = await volumes.FindVolumeAsync(revision.Volume ?? name, cancellationToken);
        var branch = revision.Name == Revision.Head ? await volumes.HeadOfAsync(volume, cancellationToken) : revision.Name;
        return await volume.HasBranchAsync(branch, cancellationToken) && await volume.ReadTipAsync(branch, cancellationToken) is null;
    }

    static async Task<Dictionary<BlockHash, string>> NamesAsync(OpenVolumes volumes, Volume volume, CancellationToken cancellationToken)
    {
        var names = new Dictionary<BlockHash, string>();
        var head = await volumes.HeadOfAsync(volume, cancellationToken);
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
            Add(await volume.ReadTipAsync(branch, cancellationToken), branch == head ? $"HEAD -> {branch}" : branch);
        await foreach (var tag in volume.ListTagsAsync(cancellationToken))
            Add(await volume.ReadTagAsync(tag, cancellationToken), $"tag: {tag}");
        return names;

        void Add(BlockHash? id, string name)
        {
            if (id is { } commit)
                names[commit] = names.TryGetValue(commit, out var others) ? $"{others}, {name}" : name;
        }
    }

    static Timestamp? DateOf(CommandContext context, Option<string> option)
    {
        if (context.Get(option) is not { } text)
            return null;
        var clock = context.Surroundings.Clock;
        return LooseDate.TryParse(text, clock.GetUtcNow(), clock.LocalTimeZone, out var date)
            ? date
            : throw new UserErrorException($"{option.Name}: '{text}' is no date; write 2026-11-21, 2026-11-21T07:30 or '2 weeks ago'");
    }

    int ShowStates(CommandContext context, string path, CancellationToken cancellationToken)
    {
        var contents = context.ArchiveAt(path).ReadAll();
        var most = context.Get(_count) ?? int.MaxValue;
        var (first, step) = context.Get(_reverse) ? (0, 1) : (contents.States.Count - 1, -1);
        for (var i = first; i >= 0 && i < contents.States.Count && most-- > 0; i += step)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (context.Get(_json))
                PrintJson(context.Output, contents.States[i]);
            else
                context.Output.WriteLine($"{DirentText.DateOf(contents.States[i].Date)}  {contents.States[i].Root}");
        }

        foreach (var fault in contents.Faults)
            context.Messages.Say($"{path}{(fault.Line > 0 ? $":{fault.Line}" : "")}: {fault.What}");
        return contents.Faults.Count > 0 ? ExitCode.Partial : ExitCode.Ok;
    }

    static void PrintJson(ResultWriter output, ArchiveState state)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("date", DirentText.DateOf(state.Date));
        json.WriteString("time", state.When.ToString());
        json.WriteString("root", state.Root.ToString());
        json.WriteEndObject();
        output.EndJson();
    }
}
