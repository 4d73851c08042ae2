using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Blocks.Hashing;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Archives;
using Vt.Trees.Meta;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Revisions;

namespace Vt.Commands;

/// <summary>Lists a volume's commits, or an archive's states.</summary>
sealed class LogVerb : Verb
{
    readonly Option<bool> _reverse = new("-r", "--reverse") { Description = "Show the oldest first" };
    readonly Option<int?> _count = new("-n", "--max-count") { Description = "Show at most so many", HelpName = "NUMBER" };
    readonly Option<bool> _oneLine = new("--oneline") { Description = "Show a line for each commit" };
    readonly Option<bool> _graph = new("--graph") { Description = "Draw the history beside the commits" };
    readonly Option<bool> _all = new("--all") { Description = "Begin with all branches and tags" };
    readonly Option<string> _since = new("--since") { Description = "Show commits after a date only", HelpName = "DATE" };
    readonly Option<string> _until = new("--until") { Description = "Show commits up to a date only", HelpName = "DATE" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string?> _what = new("REV|ARCHIVE.vt") { Description = "The commit to begin with, else HEAD; or an archive file", Arity = ArgumentArity.ZeroOrOne };
    readonly Argument<string[]> _paths = new("PATH") { Description = "Show only commits in which one of these paths changed; -- before them where REV is left out", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public LogVerb()
        : base("log", "List a volume's commits or an archive's states, the newest first")
    {
        foreach (var option in (Option[])[_reverse, _count, _oneLine, _graph, _all, _since, _until, _volume, _json])
            Options.Add(option);
        Arguments.Add(_what);
        Arguments.Add(_paths);
    }

    /// <inheritdoc/>
    public override string Details =>
        "PATH is one in the volume; a folder has changed where anything below it has. A merge is listed where it differs from each of its parents. With --graph commits come"
        + " before their parents, whatever the clocks said, and where commits are left out the drawing leads to the next one that is not.\n\n"
        + "Of an archive each line is a date, by which ARCHIVE.vt@DATE finds the state, and the text of its root, which every command takes. A line of the archive"
        + " that can't be read is reported and passed over, and the exit status is 3. What is a file, or ends in .vt, is an archive.\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt log", "List the commits of what is checked out."),
        ("vt log --oneline --since last.week frob_mysql@main", "List the latest ones of a branch."),
        ("vt log --graph --oneline --all", "Draw how the branches parted and were merged."),
        ("vt log -- etc/fstab etc/network", "List those in which a file or a folder changed."),
        ("vt log home.vt", "List all states of an archive."),
        ("vt log -n 1 --json home.vt", "Show the last one for a program."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if ((context.Get(_count) ?? 0) is < 0 and var most)
            throw new UserErrorException($"-n takes a number, not {most}");
        if (context.Get(_graph) && (context.Get(_reverse) || context.Get(_json)))
            throw new UserErrorException("--graph draws from the newest commit down, for people: leave --reverse and --json out");
        var (what, paths) = Words(context);
        if (what is null || !(what.EndsWith(".vt", StringComparison.Ordinal) || File.Exists(context.PathFromHere(what))))
            return ShowCommitsAsync(context, what, paths, cancellationToken);
        if (context.Get(_oneLine) || context.Get(_graph) || context.Get(_all) || paths.Count > 0 || (context.Get(_since) ?? context.Get(_until) ?? context.Get(_volume)) is not null)
            throw new UserErrorException($"{what} is an archive: --oneline, --graph, --all, --since, --until, -V and PATH are for volumes");
        return Task.FromResult(ShowStates(context, what, cancellationToken));
    }

    // What stands behind -- is a path.
    (string? What, IReadOnlyList<string> Paths) Words(CommandContext context)
    {
        string[] words = context.Get(_what) is { } first ? [first, .. context.Get(_paths)] : context.Get(_paths);
        return words.Length > context.WordsBehindDashes ? (words[0], words[1..]) : (null, words);
    }

    async Task<int> ShowCommitsAsync(CommandContext context, string? what, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var log = new CommitLog
        {
            Since = DateOf(context, _since),
            Until = DateOf(context, _until),
            Paths = [.. paths.Select(static path => (ReadOnlyMemory<byte>)LosslessText.ToBytes(path.Trim('/')))],
            Most = context.Get(_count) ?? int.MaxValue,
            IsReversed = context.Get(_reverse),
            HasGraph = context.Get(_graph),
            IsShort = context.Get(_oneLine),
            IsJson = context.Get(_json),
        };
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var (volume, starts) = context.Get(_all)
            ? await AllAsync(context, volumes, what, cancellationToken)
            : await FromAsync(context, volumes, what ?? Revision.Head, cancellationToken);
        await log.ShowAsync(context, volumes, volume, starts, cancellationToken);
        return ExitCode.Ok;
    }

    async Task<(Volume Volume, List<BlockHash> Starts)> FromAsync(CommandContext context, OpenVolumes volumes, string what, CancellationToken cancellationToken)
    {
        if (await IsUnbornAsync(volumes, what, context.Get(_volume), cancellationToken))
            return (await volumes.FindVolumeAsync(Revision.Parse(what).Volume ?? context.Get(_volume), cancellationToken), []);
        var (volume, start) = await volumes.ResolveAsync(what, context.Get(_volume), null, cancellationToken);
        return (volume, [start]);
    }

    async Task<(Volume Volume, List<BlockHash> Starts)> AllAsync(CommandContext context, OpenVolumes volumes, string? what, CancellationToken cancellationToken)
    {
        if (what is not null)
            throw new UserErrorException($"--all begins with every branch and tag, and '{what}' with one: say one of them");
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var starts = new List<BlockHash>();
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
        {
            if (await volume.ReadTipAsync(branch, cancellationToken) is { } tip)
                starts.Add(tip);
        }

        await foreach (var tag in volume.ListTagsAsync(cancellationToken))
        {
            if (await volume.ReadTagAsync(tag, cancellationToken) is { } tagged)
                starts.Add(tagged);
        }

        return (volume, starts);
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
