using Vt.Remotes;

namespace Vt.Commands;

/// <summary>Brings volumes, archives and trees to a remote.</summary>
sealed class PushVerb : Verb
{
    readonly SyncFlags _flags = new();
    readonly SyncScope _scope = new("the store", "Where to");

    /// <summary>Makes the command.</summary>
    public PushVerb()
        : base("push", "Bring volumes, archives or trees to another store")
    {
        _flags.AddTo(this, withVerify: true);
        _scope.AddTo(this);
    }

    /// <inheritdoc/>
    public override string Details =>
        $"""
        {SyncFlags.RemoteHelp}

        WHAT is a volume, with all its branches and tags; VOLUME@NAME for one of them, or @NAME in the current volume; an archive, ARCHIVE.vt, with all its states; or a reference of a
        tree, as ARCHIVE.vt@DATE, ARCHIVE.vt/path or a dirent's text: of that only the blocks go, and its text is printed.

        {SyncFlags.RuleHelp}

        A branch that is only behind is no failure: what is here is there. An archive only grows: where the remote has other states than the file here nothing is added.

        With --all-blocks two stores are compared as a whole. What is missing is found without a listing where the remote is served by vt: that takes some 65 bytes on the line for
        each missing block.

        Before it ends the command looks whether what it has moved is there, with the roots and a thousand of the blocks that were sent; with --verify all of them are read.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt push office", "Bring the current volume to the store in the clause [office]."),
        ("vt push ssh://host/srv/vt v@main home.vt", "Bring a branch and an archive to a store on another machine."),
        ("vt push -n --all office", "Say what is missing there of everything that is here."),
        ("vt push --limit 2MiB - v", "Bring a volume to the usual remote, at 2 MiB a second."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (extent, what) = _scope.Read(context);
        return _flags.RunAsync(context, _scope.RemoteOf(context), isWritten: true, "push", PushAsync, cancellationToken);

        Task PushAsync(StoreSync sync) => extent switch
        {
            SyncExtent.AllBlocks => sync.PushStoreAsync(cancellationToken),
            SyncExtent.All => sync.PushAllAsync(cancellationToken),
            _ => sync.PushAsync(what, cancellationToken),
        };
    }
}
