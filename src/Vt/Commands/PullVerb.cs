using System.CommandLine;
using Vt.Blocks.Contracts;

namespace Vt.Commands;

/// <summary>Brings volumes, archives and trees from a remote.</summary>
sealed class PullVerb : Verb
{
    readonly SyncFlags _flags = new();
    readonly Option<bool> _all = new("-a", "--all") { Description = "Every volume and every archive that the remote knows" };
    readonly Option<bool> _allBlocks = new("--all-blocks") { Description = "Every block of the store, whether anything leads to it or not, and then as --all" };
    readonly Argument<string?> _remote = new("REMOTE") { Description = "Where from: a clause or a store spec, - for the usual one", Arity = ArgumentArity.ZeroOrOne };
    readonly Argument<string[]> _what = new("WHAT") { Description = "What; by default the current volume", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public PullVerb()
        : base("pull", "Bring volumes, archives or trees from another store, and move on to what came")
    {
        _flags.AddTo(this, withVerify: false);
        Options.Add(_all);
        Options.Add(_allBlocks);
        Arguments.Add(_remote);
        Arguments.Add(_what);
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
        var (isAll, isStore, what) = (context.Get(_all), context.Get(_allBlocks), context.Get(_what));
        if ((isAll || isStore) && what.Length > 0)
            throw new UserErrorException($"{(isStore ? "--all-blocks" : "--all")} is everything: name nothing besides");
        return _flags.RunAsync(
            context,
            context.Get(_remote),
            isWritten: false,
            "pull",
            sync => isStore ? sync.PullStoreAsync(cancellationToken) : isAll ? sync.PullAllAsync(cancellationToken) : sync.PullAsync(what, cancellationToken),
            cancellationToken);
    }
}
