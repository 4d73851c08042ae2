using System.CommandLine;
using Vt.Blocks.Encoding;
using Vt.Mounts;
using Vt.Output;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Clones files and trees within a live mount.</summary>
sealed class CloneVerb : Verb
{
    readonly Argument<string> _source = new("SRC") { Description = "A file or folder in a live mount" };
    readonly Argument<string> _target = new("DST") { Description = "The name of the clone, in the same mount; must not exist" };

    /// <summary>Makes the command.</summary>
    public CloneVerb()
        : base("clone", "Copy a file or tree within a live mount without copying its bytes")
    {
        Arguments.Add(_source);
        Arguments.Add(_target);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The clone shares the content of the original until one of both is changed; modes, owners, times, attributes and hard links among what
        is cloned come along. A file takes no longer for being large; a tree takes as long as its entries are many. If the command
        fails, what it has made stays.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt clone /mnt/vm.img /mnt/vm-test.img", "Clone a disk image."),
        ("vt clone /mnt/src /mnt/src-experiment", "Clone a tree."),
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
