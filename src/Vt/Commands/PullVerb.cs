using Vt.Remotes;

namespace Vt.Commands;

/// <summary>Brings volumes, archives and trees from a remote.</summary>
sealed class PullVerb : Verb
{
    readonly SyncFlags _flags = new();
    readonly SyncScope _scope = new("the remote", "Where from");

    /// <summary>Makes the command.</summary>
    public PullVerb()
        : base("pull", "Bring volumes, archives or trees from another store, and move on to what came")
    {
        _flags.AddTo(this, withVerify: false);
        _scope.AddTo(this);
    }

    /// <inheritdoc/>
    public override string Details =>
        $"""
        {SyncFlags.RemoteHelp}

        WHAT is a volume of the remote, with all its branches and tags; VOLUME@NAME for one of them, or @NAME in the current volume; an archive by the name of its file, or by its id; or
        the text of a tree's reference. An archive that has no file here yet is written below basedir.

        {SyncFlags.RuleHelp}

        This machine's tree of a branch goes along, in its mount too. Where it has changes that are not committed, or somebody writes to it, the branch stays where it is.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt pull office", "Bring what is new in the current volume from the store in the clause [office]."),
        ("vt pull office v@main", "Bring one branch; vt log office/main shows it, wherever main itself is."),
        ("vt pull /mnt/disk/trove home.vt", "Bring an archive from a store on a disk."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (extent, what) = _scope.Read(context);
        return _flags.RunAsync(context, _scope.RemoteOf(context), isWritten: false, "pull", PullAsync, cancellationToken);

        Task PullAsync(StoreSync sync) => extent switch
        {
            SyncExtent.AllBlocks => sync.PullStoreAsync(cancellationToken),
            SyncExtent.All => sync.PullAllAsync(cancellationToken),
            _ => sync.PullAsync(what, cancellationToken),
        };
    }
}
