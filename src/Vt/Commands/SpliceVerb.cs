using System.CommandLine;
using Vt.Files;
using Vt.Mounts;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Puts content in the place of a range of a file in a live mount.</summary>
sealed class SpliceVerb : Verb
{
    readonly Argument<string> _file = new("FILE") { Description = "A file in a live mount" };
    readonly Argument<string> _offset = new("OFFSET") { Description = "Where the range begins" };
    readonly Argument<string> _length = new("LENGTH") { Description = "How long it is; 0 to insert" };
    readonly Argument<string> _source = new("SOURCE")
    {
        Description = "What takes its place: FILE, FILE@OFFSET or FILE@OFFSET+LENGTH in a live mount of the same store; nothing if not given",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Makes the command.</summary>
    public SpliceVerb()
        : base("splice", "Replace, insert or remove a range of a file in a live mount, without copying bytes")
    {
        Arguments.Add(_file);
        Arguments.Add(_offset);
        Arguments.Add(_length);
        Arguments.Add(_source);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        What follows the range moves, as the file gets longer or shorter. It takes time for what was changed lately and is not stored yet, none
        for how long the files are. Numbers are bytes, or with K, M, G or T 1024 times as many, and so on. Others see the file as it was or as it is, and
        nothing between.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt splice /mnt/all.tar 512K 0 /mnt/more.tar", "Insert a file."),
        ("vt splice /mnt/log 0 1G", "Remove the first GiB of a file."),
        ("vt splice /mnt/disk.img 1M 8G /mnt/new.img@1M+8G", "Take a range from another disk image."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var inserted = string.IsNullOrEmpty(context.Get(_source)) ? "" : $" {LiveContent.ReferenceOf(context, context.Get(_source))}";
        LiveContent.Change(
            context, context.Get(_file), LiveFileSystem.SpliceAttribute, $"{FileRange.ParseSize(context.Get(_offset))} {FileRange.ParseSize(context.Get(_length))}{inserted}");
        return Task.FromResult(ExitCode.Ok);
    }
}
