using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Output;
using Vt.Settings;
using Vt.Trees.Directories;
using Vt.Versions;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Commands;

/// <summary>Shows the commits in which a path changed.</summary>
sealed class BlameVerb : Verb
{
    readonly Option<string> _volume = VolumeOptions.Volume();
    readonly Option<bool> _json = JsonOption.Create("Print a JSON object a line");
    readonly Argument<string> _path = new("PATH") { Description = "The path in the volume; / for its root" };
    readonly Argument<string?> _commit = new("REV") { Description = "The commit to begin with; else HEAD", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public BlameVerb()
        : base("blame", "Show the commits in which a path changed, the newest first")
    {
        Options.Add(_volume);
        Options.Add(_json);
        Arguments.Add(_path);
        Arguments.Add(_commit);
    }

    /// <inheritdoc/>
    public override string Details =>
        "A folder has changed where anything below it has. Each line is A (the commit brought it), M (changed it) or D (removed it), the commit, its date, author and"
        + " message. Of a merge only what differs from its first parent counts.\n\n" + VolumeOptions.RevisionHelp;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("vt blame base/pg_hba.conf", "Find out who changed a file, and when.")];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var volumes = await OpenVolumes.OpenAsync(context, isReadOnly: true, cancellationToken);
        var (volume, start) = await volumes.ResolveAsync(context.Get(_commit) ?? "HEAD", context.Get(_volume), null, cancellationToken);
        var path = LosslessText.ToBytes(context.Get(_path).Trim('/'));
        var history = new PathHistory(volume.Commits, new DirectoryReader(volumes.Store, new DirectoryNodeCache()));
        var isFound = false;
        await foreach (var change in history.FindAsync(start, path, cancellationToken))
        {
            isFound = true;
            if (context.Get(_json))
                PrintJson(context.Output, change);
            else
                context.Output.WriteLine($"{LetterOf(change)} {change.Id.ToShortString()}  {DirentText.DateOf(change.Commit.Author.Date)}  {change.Commit.Author.Name}  {TerminalText.Visible(Volume.FirstLine(change.Commit))}");
        }

        return isFound ? ExitCode.Ok : throw new UserErrorException($"there never was a '{context.Get(_path)}' in {volume.Name}");
    }

    static char LetterOf(PathChange change) => change.Before is null ? 'A' : change.After is null ? 'D' : 'M';

    static void PrintJson(ResultWriter output, PathChange change)
    {
        var json = output.BeginJson();
        json.WriteStartObject();
        json.WriteString("change", change.Before is null ? "added" : change.After is null ? "removed" : "modified");
        json.WriteString("commit", CommitText.IdOf(change.Id));
        json.WriteString("date", DirentText.DateOf(change.Commit.Author.Date));
        json.WriteString("author", change.Commit.Author.Person);
        json.WriteString("message", System.Text.Encoding.UTF8.GetString(change.Commit.Message.Span));
        json.WriteString("before", change.Before?.ToString());
        json.WriteString("after", change.After?.ToString());
        json.WriteEndObject();
        output.EndJson();
    }
}
