using System.CommandLine;
using Vt.Files;
using Vt.Mounts;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Leaves a range of a file in a live mount.</summary>
sealed class CropVerb : Verb
{
    readonly Argument<string> _file = new("FILE") { Description = "A file in a live mount" };
    readonly Argument<string> _offset = new("OFFSET") { Description = "Where what stays begins" };
    readonly Argument<string> _length = new("LENGTH") { Description = "How much stays" };

    /// <summary>Makes the command.</summary>
    public CropVerb()
        : base("crop", "Leave only a range of a file in a live mount, without copying its bytes")
    {
        Arguments.Add(_file);
        Arguments.Add(_offset);
        Arguments.Add(_length);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        Numbers are bytes, or with K, M, G or T 1024 times as many, and so on. What lies behind the end is left out. Others see the file as it was or as it
        is, and nothing between.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt crop /mnt/log 0 10M", "Keep the first 10 MiB."), ("vt crop /mnt/disk.img 1M 40G", "Keep a partition.")];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        LiveContent.Change(
            context, context.Get(_file), LiveFileSystem.CropAttribute, $"{FileRange.ParseSize(context.Get(_offset))} {FileRange.ParseSize(context.Get(_length))}");
        return Task.FromResult(ExitCode.Ok);
    }
}
