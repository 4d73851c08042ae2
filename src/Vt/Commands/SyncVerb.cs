using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Files;
using Vt.Mounts;
using Vt.Posix;
using Vt.Remotes;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Makes a checkpoint of a live mount, or brings two stores into step.</summary>
sealed class SyncVerb : Verb
{
    readonly SyncFlags _flags = new();
    readonly Argument<string> _place = new("PLACE") { Description = "A live mount, or anything in it; or a remote" };
    readonly Argument<string[]> _more = new("WHAT") { Description = "Further live mounts; or what to bring both ways, by default the current volume", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public SyncVerb()
        : base("sync", "Store what has changed in a live mount; or bring a volume into step with another store, both ways")
    {
        _flags.AddTo(this, withVerify: true, withForce: false);
        Arguments.Add(_place);
        Arguments.Add(_more);
    }

    /// <inheritdoc/>
    public override string Details =>
        $"""
        Where PLACE lies in a live mount: when the command returns, everything that was written to the mount before is durable, and the archive has it as a new state. sync(1) and
        syncfs(2) do not reach FUSE filesystems; fsync(2) of a file or folder does, and makes the same promise without a new state.

        Anything else is a remote: WHAT is brought from there and then brought there, as by vt pull and vt push.
        {SyncFlags.RemoteHelp}

        {SyncFlags.RuleHelp}
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt sync /mnt", "Make a state of what is mounted at /mnt, now."),
        ("vt sync office", "Bring what is new in the current volume from the store in the clause [office], and what is new here there."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (first, more) = (context.Get(_place), context.Get(_more));
        var error = Checkpoint(context, first);
        if (error is Errno.ENOENT or Errno.EOPNOTSUPP or Errno.ENODATA or Errno.ENOTDIR or Errno.ENAMETOOLONG)
            return await SyncAsync(context, first, more, error, cancellationToken);
        for (var i = -1; i < more.Length; i++)
        {
            var place = i < 0 ? first : more[i];
            error = i < 0 ? error : Checkpoint(context, place);
            if (error != Errno.OK)
                throw new UserErrorException($"{place}: {LiveMountText.Explain(error)}");
        }

        return ExitCode.Ok;
    }

    static Errno Checkpoint(CommandContext context, string place) =>
        Xattrs.TrySet(LosslessText.ToBytes(context.PathFromHere(place)), LiveFileSystem.SyncAttribute, "now"u8);

    async Task<int> SyncAsync(CommandContext context, string remote, string[] what, Errno error, CancellationToken cancellationToken)
    {
        try
        {
            _ = RemotePlace.Find(context, remote);
        }
        catch (UserErrorException none) when (remote.Contains('/', StringComparison.Ordinal) || remote is "." or "..")
        {
            throw new UserErrorException($"{remote}: {LiveMountText.Explain(error)}, and as a store: {none.Message}", none);
        }

        return await _flags.RunAsync(
            context,
            remote,
            isWritten: true,
            "sync",
            sync => sync.SyncAsync(what, cancellationToken),
            cancellationToken);
    }
}
