using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Versions;

namespace Vt.Commands;

/// <summary>Shows a commit.</summary>
sealed class ShowVerb : Verb
{
    readonly ComparisonOptions _comparison = new();
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<bool> _text = new("--text") { Description = "Print its text form, which says all of it in one word" };
    readonly Option<bool> _root = new("--root") { Description = "Print the text of its tree's root, which every command takes" };
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object");
    readonly Argument<string?> _commit = new("REV") { Description = "The commit; else HEAD", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public ShowVerb()
        : base("show", "Show a commit")
    {
        _comparison.AddTo(this);
        Options.Add(_volume);
        Options.Add(_text);
        Options.Add(_root);
        Options.Add(_json);
        Arguments.Add(_commit);
    }

    /// <inheritdoc/>
    public override string Details =>
        "With --stat or -p what it has changed against its first parent is shown behind it, as vt diff does.\n\n" + ComparisonOptions.Help + "\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt show HEAD^", "Show the last commit but one."),
        ("vt show -p HEAD^", "Show what it has changed, line by line."),
        ("vt show --root v1.0", "Print what its tree is, to be pasted into another command."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var isChange = _comparison.AreSaid(context);
        if (isChange && (context.Get(_text) || context.Get(_root) || context.Get(_json)))
            throw new UserErrorException("--stat and -p go behind a commit as people read it: leave --text, --root and --json out");
        var comparison = _comparison.Read(context, isRaw: false, isJson: false);
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var (volume, id) = await volumes.ResolveAsync(context.Get(_commit) ?? "HEAD", context.Get(_volume), null, cancellationToken);
        var commit = await volume.Commits.ReadAsync(id, cancellationToken);
        if (context.Get(_json))
            CommitText.PrintJson(context.Output, id, commit);
        else if (context.Get(_text))
            context.Output.WriteLine(commit.ToString());
        else if (context.Get(_root))
            context.Output.WriteLine(commit.Root.ToString());
        else
            CommitText.Print(context.Output, id, commit, "", isShort: false);
        if (!isChange)
            return ExitCode.Ok;
        var before = commit.Parents.Count > 0 ? (await volume.Commits.ReadAsync(commit.Parents[0], cancellationToken)).Root : new Dirent { Kind = DirentKind.Directory };
        await comparison.ShowAsync(context, volumes.Store, new DirectoryReader(volumes.Store, new DirectoryNodeCache()), before, commit.Root, cancellationToken);
        return ExitCode.Ok;
    }
}
