using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Settings;
using Vt.Versions;
using Vt.Volumes.Branches;

namespace Vt.Commands;

/// <summary>Lists, makes and removes tags.</summary>
sealed class TagVerb : Verb
{
    readonly Option<string> _delete = new("-d", "--delete") { Description = "Remove a tag", HelpName = "TAG" };
    readonly Option<bool> _force = new("-f", "--force") { Description = "Move a tag that there is already" };
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Argument<string?> _name = new("TAG") { Description = "A tag to make", Arity = ArgumentArity.ZeroOrOne };
    readonly Argument<string?> _start = new("REV") { Description = "The commit that it stands for; else HEAD", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public TagVerb()
        : base("tag", "List, make or remove tags: names for commits that stay")
    {
        Options.Add(_delete);
        Options.Add(_force);
        Options.Add(_volume);
        Arguments.Add(_name);
        Arguments.Add(_start);
    }

    /// <inheritdoc/>
    public override string Details => VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt tag", "List them."),
        ("vt tag v1.0 HEAD^", "Name the last commit but one."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (name, gone) = (context.Get(_name), context.Get(_delete));
        if (name is not null && gone is not null)
            throw new UserErrorException("-d removes one tag, and nothing is made: say one of them");
        if (name is not null && Volume.IsAutomatic(name))
            throw new UserErrorException($"'{name}': names that begin with {Volume.AutomaticPrefix} are for vt auto-commit, which removes them; choose another");
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: name is null && gone is null, cancellationToken);
        var volume = await volumes.FindVolumeAsync(context.Get(_volume), cancellationToken);
        if (gone is not null)
        {
            await volume.SetTagAsync(gone, null, mayMove: true, "tag: removed", cancellationToken);
        }
        else if (name is not null)
        {
            var start = context.Get(_start) ?? "HEAD";
            var (_, commit) = await volumes.ResolveAsync(start, volume.Name, null, cancellationToken);
            await volume.SetTagAsync(name, commit, context.Get(_force), $"tag: {start}", cancellationToken);
        }
        else
        {
            await foreach (var tag in volume.ListTagsAsync(cancellationToken))
                context.Output.WriteLine(tag);
        }

        return ExitCode.Ok;
    }
}
