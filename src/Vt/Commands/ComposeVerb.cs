using System.CommandLine;
using Vt.Blocks.Encoding;
using Vt.Files;
using Vt.Mounts;
using Vt.Posix;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Makes a file in a live mount of ranges of others.</summary>
sealed class ComposeVerb : Verb
{
    const uint NewFileMode = 0x1b6;

    readonly Argument<string> _target = new("DST") { Description = "The file, in a live mount; made if it is not there" };
    readonly Argument<string[]> _parts = new("PART")
    {
        Description = "What it is made of: FILE, FILE@OFFSET or FILE@OFFSET+LENGTH in a live mount of the same store",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Makes the command.</summary>
    public ComposeVerb()
        : base("compose", "Make a file in a live mount of files and ranges of files, without copying their bytes")
    {
        Arguments.Add(_target);
        Arguments.Add(_parts);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        The parts stand one behind the other, as with cat(1), and take no room of their own. A target that is there is replaced in one step; it may be one of
        the parts. Numbers are bytes, or with K, M, G or T 1024 times as many, and so on.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt compose /mnt/all.log /mnt/log.1 /mnt/log.2", "Make one file of two."),
        ("vt compose /mnt/disk.img /mnt/head.img /mnt/part.img@1M+8G", "Put a disk image together."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        // The parts first: without them no file is made.
        var references = context.Get(_parts).Select(part => LiveContent.ReferenceOf(context, part)).ToList();
        var target = context.Get(_target);
        PosixFile.Open(LosslessText.ToBytes(context.PathFromHere(target)), OpenFlags.O_WRONLY | OpenFlags.O_CREAT, NewFileMode).Dispose();
        LiveContent.Change(context, target, LiveFileSystem.ComposeAttribute, string.Join(' ', references));
        return Task.FromResult(ExitCode.Ok);
    }
}
