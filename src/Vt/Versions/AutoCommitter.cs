using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Commands;
using Vt.Docker;
using Vt.Output;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;
using Vt.Volumes.Retention;
using Vt.Volumes.Revisions;

namespace Vt.Versions;

/// <summary>Commits a branch by itself: each time a commit under a tag of its own, beside the branch, and none where nothing has changed.</summary>
sealed class AutoCommitter
{
    /// <summary>The label of such commits: the branch; and the word of their provenance that says when they are made.</summary>
    public const string Label = "auto";

    const string Word = "auto-commit";

    readonly CommandContext _context;
    readonly string _place;
    readonly string _message;
    readonly string _schedule;
    readonly KeepRules? _keep;
    string? _archive;
    IReadOnlyList<string> _uses = [];
    int _isPoked;

    /// <summary>Prepares to commit a branch again and again.</summary>
    /// <param name="context">The command.</param>
    /// <param name="place">The branch as it was said: <c>VOLUME[@BRANCH]</c>; empty for what is checked out of the current volume.</param>
    /// <param name="message">The message, in which {volume}, {branch} and {date} stand for those.</param>
    /// <param name="schedule">When commits are made, in words.</param>
    /// <param name="keep">What is kept of earlier ones; null for all.</param>
    public AutoCommitter(CommandContext context, string place, string message, string schedule, KeepRules? keep)
    {
        _context = context;
        _place = place;
        _message = message;
        _schedule = schedule;
        _keep = keep;
    }

    /// <summary>When the tree of the branch last got a state on this machine, as its archive shows; the same as before where it got none.</summary>
    public (DateTime Written, long Length) Mark => _archive is not null && new FileInfo(_archive) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;

    /// <summary>A container has begun or ended to use a volume; whether the branch is to be committed for that is asked by <see cref="TakePoke"/>.</summary>
    /// <param name="use">What the container calls the volume.</param>
    public void Poke(string use)
    {
        if (Volatile.Read(ref _uses).Contains(use))
            Interlocked.Exchange(ref _isPoked, 1);
    }

    /// <summary>Whether a container has begun or ended to use the branch since somebody asked.</summary>
    public bool TakePoke() => Interlocked.Exchange(ref _isPoked, 0) != 0;

    /// <summary>Commits the branch if it has changed, and thins what it has; says in a line what came of it.</summary>
    /// <returns>Whether all went well.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CommitAsync(cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is UserErrorException or FormatInvalidException or BlockMissingException or BlockCorruptException
            or StoreUnavailableException or StoreFullException or IOException or UnauthorizedAccessException)
        {
            // The next time may go better, and the other branches are none the worse.
            _context.Messages.Say($"{(_place.Length == 0 ? "the current volume" : _place)}: {ErrorText.Of(failure)}");
            return false;
        }
    }

    async Task CommitAsync(CancellationToken cancellationToken)
    {
        var (volume, name) = Split(_place);
        await using var branch = await OpenBranch.OpenAsync(_context, volume, name, cancellationToken);
        _archive = branch.Tree.Archive.Path;
        Volatile.Write(ref _uses, VolumeContainers.NamesOf(branch.Volume.Name, branch.Name, name is null));
        var tags = new AutomaticTags(branch.Volume, branch.Name);
        var root = await branch.Tree.ReadRootAsync(cancellationToken);
        var tip = await branch.Volume.ReadTipAsync(branch.Name, cancellationToken);
        if (!await HasRootAsync(branch.Volume, tip, root, cancellationToken) && !await HasRootAsync(branch.Volume, await tags.ReadNewestAsync(cancellationToken), root, cancellationToken))
        {
            var commit = await MakeAsync(branch, root, tip, cancellationToken);
            var id = await branch.Volume.Commits.AddAsync(commit, cancellationToken);
            var tag = await tags.AddAsync(id, commit.Committer.Date, $"{Word}: {_schedule}", cancellationToken);
            _context.Output.WriteLine($"{id.ToShortString()} {branch.Volume.Name}@{tag}");
        }

        if (_keep is not null && await tags.ThinAsync(_keep, _context.Surroundings.Clock.GetUtcNow(), cancellationToken) is > 0 and var thinned && !_context.IsQuiet)
            _context.Messages.Say($"{branch.FullName}: {thinned} thinned");
        _context.Output.Flush();
    }

    async Task<Commit> MakeAsync(OpenBranch branch, Dirent root, BlockHash? tip, CancellationToken cancellationToken)
    {
        var committer = await Authorship.CommitterAsync(_context, cancellationToken);
        var message = _message.Replace("{volume}", branch.Volume.Name, StringComparison.Ordinal)
            .Replace("{branch}", branch.Name, StringComparison.Ordinal)
            .Replace("{date}", DirentText.DateOf(committer.Date), StringComparison.Ordinal);
        var maker = new CommitMaker
        {
            Committer = committer,
            Author = committer,
            Message = message,
            Labels = new Dictionary<string, string> { [Label] = branch.Name },
            Provenance = new Dictionary<string, string> { [Word] = _schedule },
        };
        return maker.Make(_context, root, tip is { } parent ? [parent] : []);
    }

    static async Task<bool> HasRootAsync(Volume volume, BlockHash? commit, Dirent root, CancellationToken cancellationToken) =>
        commit is { } id && (await volume.Commits.ReadAsync(id, cancellationToken)).Root.Equals(root);

    static (string? Volume, string? Branch) Split(string place)
    {
        if (place.Length == 0)
            return (null, null);
        var revision = Revision.Parse(place.Contains('@', StringComparison.Ordinal) ? place : place + "@");
        return revision.IsName ? (revision.Volume, revision.Name == Revision.Head ? null : revision.Name)
            : throw new UserErrorException($"'{place}' is no branch; write VOLUME or VOLUME@BRANCH");
    }
}
