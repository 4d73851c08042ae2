using System.CommandLine;

namespace Vt.Commands;

/// <summary>Brings volumes that are not here yet.</summary>
sealed class CloneRemoteVerb : Verb
{
    readonly SyncFlags _flags = new();
    readonly Option<bool> _archives = new("--archives") { Description = "Bring the archives that the remote knows, too" };
    readonly Argument<string> _remote = new("REMOTE") { Description = "Where from: a clause or a store spec, - for the usual one" };
    readonly Argument<string[]> _volumes = new("VOLUME") { Description = "The volumes; by default all", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public CloneRemoteVerb()
        : base("clone-remote", "Bring volumes from another store, with all branches and tags, to work in them here")
    {
        _flags.AddTo(this, withVerify: false, withForce: false);
        Options.Add(_archives);
        Arguments.Add(_remote);
        Arguments.Add(_volumes);
    }

    /// <inheritdoc/>
    public override string Details =>
        $"""
        {SyncFlags.RemoteHelp}

        The volumes keep their ids, so that vt pull and vt push go on from here, and their names; where a name stands for another volume here, --as gives it another. The branch main, or
        master, or else the first is checked out; where no volume was current the first one is now. A volume that is here already is brought up to date, as by vt pull.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt clone-remote ssh://host/srv/vt", "Bring every volume that a store on another machine has."),
        ("vt clone-remote --as work office v", "Bring the volume v, and call it work."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) => _flags.RunAsync(
        context,
        context.Get(_remote),
        isWritten: false,
        "clone-remote",
        sync => sync.CloneAsync(context.Get(_volumes), context.Get(_archives), cancellationToken),
        cancellationToken);
}
