using System.CommandLine;
using Vt.Blocks.Contracts;

namespace Vt.Commands;

/// <summary>Brings volumes, archives and trees to a remote.</summary>
sealed class PushVerb : Verb
{
    readonly SyncFlags _flags = new();
    readonly Option<bool> _all = new("-a", "--all") { Description = "Every volume and every archive that the store knows" };
    readonly Option<bool> _allBlocks = new("--all-blocks") { Description = "Every block of the store, whether anything leads to it or not, and then as --all" };
    readonly Argument<string?> _remote = new("REMOTE") { Description = "Where to: a clause or a store spec, - for the usual one", Arity = ArgumentArity.ZeroOrOne };
    readonly Argument<string[]> _what = new("WHAT") { Description = "What; by default the current volume", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public PushVerb()
        : base("push", "Bring volumes, archives or trees to another store")
    {
        _flags.AddTo(this, withVerify: true);
        Options.Add(_all);
        Options.Add(_allBlocks);
        Arguments.Add(_remote);
        Arguments.Add(_what);
    }

    /// <inheritdoc/>
    public override string Details =>
        $"""
        {SyncFlags.RemoteHelp}

        WHAT is a volume, with all its branches and tags; VOLUME@NAME for one of them, or @NAME in the current volume; an archive, ARCHIVE.vt, with all its states; or a reference of a
        tree, as ARCHIVE.vt@DATE, ARCHIVE.vt/path or a dirent's text: of that only the blocks go, and its text is printed.

        {SyncFlags.RuleHelp}

        A branch that is only behind is no failure: what is here is there. An archive only grows: where the remote has other states than the file here nothing is added.

        With --all-blocks two stores are compared as a whole. What is missing is found without a listing where the remote is served by vt: that takes some 25 bytes on the line for
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
        var (isAll, isStore, what) = (context.Get(_all), context.Get(_allBlocks), context.Get(_what));
        if ((isAll || isStore) && what.Length > 0)
            throw new UserErrorException($"{(isStore ? "--all-blocks" : "--all")} is everything: name nothing besides");
        return _flags.RunAsync(
            context,
            context.Get(_remote),
            isWritten: true,
            "push",
            sync => isStore ? sync.PushStoreAsync(cancellationToken) : isAll ? sync.PushAllAsync(cancellationToken) : sync.PushAsync(what, cancellationToken),
            cancellationToken);
    }
}
