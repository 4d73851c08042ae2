using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Docker;
using Vt.Output;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Makes a commit of a branch's tree.</summary>
sealed class CommitVerb : Verb
{
    readonly Option<string> _message = new("-m", "--message") { Description = "What the commit is for", HelpName = "TEXT" };
    readonly Option<string> _author = new("--author") { Description = "Who made the change, if somebody else: 'Name <address>'", HelpName = "PERSON" };
    readonly Option<string> _date = new("--date") { Description = "When it was made, if not now", HelpName = "DATE" };
    readonly Option<string[]> _label = new("--label") { Description = "A label of the commit; may be said several times", HelpName = "WORD=TEXT" };
    readonly Option<bool> _allowEmpty = new("--allow-empty") { Description = "Make a commit also where nothing has changed" };
    readonly Option<string> _quiesce = new("--quiesce") { Description = "Run a shell command before the moment, so that a program writes down what it has in memory and waits", HelpName = "CMD" };
    readonly Option<string> _resume = new("--resume") { Description = "Run a shell command after the moment, whatever happens, so that it goes on", HelpName = "CMD" };
    readonly Option<string> _hookTimeout = new("--hook-timeout") { Description = "How long --quiesce may take, and the moment after it; 30s where nothing is said", HelpName = "TIME" };
    readonly Option<bool> _allowEmptyMessage = new("--allow-empty-message") { Description = "Make a commit also with a message of blanks" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<string> _branch = VolumeOptions.Branch();
    readonly ContainerOptions _containers = new();
    readonly Option<bool> _json = JsonOption.Create("Print the commit as a JSON object");

    /// <summary>Makes the command.</summary>
    public CommitVerb()
        : base("commit", "Keep a branch's tree as it is now, for ever")
    {
        foreach (var option in (Option[])[_message, _author, _date, _label, _allowEmpty, _allowEmptyMessage, _quiesce, _resume, _hookTimeout, _volume, _branch, _json])
            Options.Add(option);
        _containers.AddTo(this);
    }

    /// <inheritdoc/>
    public override string Details =>
        $"""
        The tree may be mounted and busy: the commit is one instant of it, as a power cut would leave it, and nobody waits for longer than that instant takes.
        The commit's name is printed. Where nothing has changed since the last commit none is made, and the exit status is 3.

        With --quiesce a program that has said yes to it is at rest at that instant: CMD is run first, and where it fails or takes longer than --hook-timeout no commit is made. The
        command of --resume is run as soon as the instant is over, also where something went wrong, and where vt is killed meanwhile. Both find VT_VOLUME and VT_BRANCH.

        Who made it comes from VT_AUTHOR, else from author = Name <address> under [GLOBAL] in ~/.vtrc, else from git config user.name and user.email.

        {ContainerOptions.Help} Of each that runs the commit keeps id, image, digest and command. A container's label {ContainerHooks.QuiesceLabel} is a line for
        its shell that is run in it before, and its label {ContainerHooks.ResumeLabel} one that is run after, also where the first one or the commit fails; each may take 30 seconds, or as many as
        its label {ContainerHooks.LimitLabel} says. They are not run with --stop.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt commit -m before-migration", "Keep what is checked out of the current volume."),
        ("vt commit -V frob_mysql -b main -m nightly --label job=cron", "Keep a branch of another."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_message) is not { } message || (string.IsNullOrWhiteSpace(message) && !context.Get(_allowEmptyMessage)))
            throw new UserErrorException("a commit needs a message: say -m TEXT");
        var committer = await Authorship.CommitterAsync(context, cancellationToken);
        var maker = new CommitMaker
        {
            Committer = committer,
            Author = Authorship.Author(context, committer, context.Get(_author), context.Get(_date)),
            Message = message,
            Labels = CommitMaker.ParseLabels(context.Get(_label)),
            AllowsEmpty = context.Get(_allowEmpty),
        };
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: false, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        var branch = await volumes.FindBranchAsync(volume, context.Get(_branch), cancellationToken);
        var names = VolumeContainers.NamesOf(volume.Name, branch, branch == await volumes.HeadOfAsync(volume, cancellationToken));
        return await ContainerWork.RunAsync(
            context,
            names,
            _containers.Read(context),
            isCommit: true,
            provenance => CommitAsync(context, volumes, (volume, branch), maker with { Provenance = provenance }, cancellationToken),
            cancellationToken);
    }

    async Task<int> CommitAsync(CommandContext context, OpenVolumes volumes, (Volume Volume, string Branch) what, CommitMaker maker, CancellationToken cancellationToken)
    {
        var (volume, branch) = what;
        using var tree = await BranchTree.OpenAsync(context, volumes, volume, branch, cancellationToken);
        tree.Hooks = HooksOf(context);
        maker = maker with { Merged = tree.Merged };
        if (await tree.CommitAsync((root, tip, token) => maker.MakeAsync(context, volume.Commits, root, tip, token), cancellationToken) is not { } made)
        {
            context.Messages.Say($"nothing has changed in {BranchTree.MountNameOf(volume, branch)} since its last commit");
            return ExitCode.Partial;
        }

        if (context.Get(_json))
            CommitText.PrintJson(context.Output, made, await volume.Commits.ReadAsync(made, cancellationToken));
        else
            context.Output.WriteLine(CommitText.IdOf(made));
        if (tree.Hooks?.Fault is not { } fault)
            return ExitCode.Ok;
        context.Messages.Say(fault);
        return ExitCode.Error;
    }

    QuiesceHooks? HooksOf(CommandContext context)
    {
        var patience = context.GetDuration(_hookTimeout) ?? QuiesceHooks.Usual;
        return context.Get(_quiesce) is null && context.Get(_resume) is null ? null : new QuiesceHooks(context.Get(_quiesce), context.Get(_resume), patience);
    }
}
