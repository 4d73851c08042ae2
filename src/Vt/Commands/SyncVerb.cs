using System.CommandLine;
using Vt.Blocks.Encoding;
using Vt.Mounts;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Makes a checkpoint of a live mount.</summary>
sealed class SyncVerb : Verb
{
    readonly Argument<string[]> _places = new("PATH") { Description = "The mount, or anything in it", Arity = ArgumentArity.OneOrMore };

    /// <summary>Makes the command.</summary>
    public SyncVerb()
        : base("sync", "Store what has changed in a live mount, durably, as a new state of its archive") =>
        Arguments.Add(_places);

    /// <inheritdoc/>
    public override string Details =>
        """
        When the command returns, everything that was written to the mount before is durable, and the archive has it as a state. sync(1) and
        syncfs(2) do not reach FUSE filesystems; fsync(2) of a file or folder does, and makes the same promise without a new state.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt sync /mnt", "Make a state of what is mounted at /mnt, now.")];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        foreach (var place in context.Get(_places))
            LiveContent.Checkpoint(place, LosslessText.ToBytes(context.PathFromHere(place)));

        return Task.FromResult(ExitCode.Ok);
    }
}
