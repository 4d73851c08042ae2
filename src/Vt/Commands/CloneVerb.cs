using System.CommandLine;
using Vt.Blocks.Encoding;
using Vt.Mounts;
using Vt.Output;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Clones files and trees into a live mount.</summary>
sealed class CloneVerb : Verb
{
    readonly Argument<string> _source = new("SRC") { Description = "A file or folder in a live mount, or in a mount for reading of the same store" };
    readonly Argument<string> _target = new("DST") { Description = "The name of the clone, in a live mount; must not exist" };

    /// <summary>Makes the command.</summary>
    public CloneVerb()
        : base("clone", "Copy a file or tree into a live mount without copying its bytes")
    {
        Arguments.Add(_source);
        Arguments.Add(_target);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The clone shares the content of the original until one of both is changed; modes, owners, times, attributes and hard links among what
        is cloned come along. A file takes no longer for being large. A folder comes whole and in one step, as it is at one instant: a state is made first, and
        then only its directories are read, some hundred entries at once. That is for root and who runs the mount; others, folders with hard links in
        them, and mounts with exclude= rules get a clone entry by entry, which takes as long as the entries are many, and of which what was made stays if the
        command fails.

        SRC may also be in a mount for reading of the same store, so with vt mount -r or -a a folder of an earlier state comes back at once. From another
        mount for writing only whole folders are cloned, without what is local there.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt clone /mnt/vm.img /mnt/vm-test.img", "Clone a disk image."),
        ("vt clone /mnt/src /mnt/src-experiment", "Clone a tree."),
        ("vt clone /states/2026-11-20T18:00:00+01:00/src /mnt/src-of-then", "Bring a folder of an earlier state back, beside today's."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var source = context.PathFromHere(context.Get(_source));
        var target = context.PathFromHere(context.Get(_target));
        var cloned = new TreeCloner(cancellationToken).Clone(LosslessText.ToBytes(source), LosslessText.ToBytes(target));
        if (!context.IsQuiet)
            context.Messages.Say($"cloned {cloned.Entries} {(cloned.Entries == 1 ? "entry" : "entries")}, {HumanText.Size(cloned.Bytes)} shared");
        return Task.FromResult(ExitCode.Ok);
    }
}
