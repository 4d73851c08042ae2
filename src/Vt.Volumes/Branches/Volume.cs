using System.Runtime.CompilerServices;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Volumes.Commits;

namespace Vt.Volumes.Branches;

/// <summary>
/// A volume: a set of branches, which is never empty, and of tags. Each is a reference under the volume's id whose value is a commit's name, or
/// <c>unborn</c> of a branch without commits. Safe from any thread and for many processes at once.
/// </summary>
public sealed class Volume
{
    const string Unborn = "unborn";
    const int LongestNote = 200;

    /// <summary>What the names of tags begin with that are made and ended by a schedule.</summary>
    public const string AutomaticPrefix = "auto/";

    readonly IRefStore _refs;
    readonly string _branches;
    readonly string _tags;
    readonly string _stashes;
    readonly string _remotes;
    readonly string _removed; // the names of branches and tags that have ended, for who looks for what their logs name

    internal Volume(IBlockStore store, IRefStore refs, string name, Guid id)
    {
        _refs = refs;
        Name = name;
        Id = id;
        Commits = new CommitStore(store);
        _branches = $"volume/{id:D}/branches/";
        _tags = $"volume/{id:D}/tags/";
        _stashes = $"volume/{id:D}/stashes/";
        _remotes = $"volume/{id:D}/remotes/";
        _removed = $"volume/{id:D}/removed/";
    }

    /// <summary>The name by which it was found.</summary>
    public string Name { get; }

    /// <summary>What stays when the name does not.</summary>
    public Guid Id { get; }

    /// <summary>The commits of the store.</summary>
    public CommitStore Commits { get; }

    /// <summary>The branches' names, in ordinal order.</summary>
    public IAsyncEnumerable<string> ListBranchesAsync(CancellationToken cancellationToken = default) => ListAsync(_branches, cancellationToken);

    /// <summary>The tags' names, in ordinal order.</summary>
    public IAsyncEnumerable<string> ListTagsAsync(CancellationToken cancellationToken = default) => ListAsync(_tags, cancellationToken);

    /// <summary>What was put aside of a branch; also of one that has ended.</summary>
    public StashList StashesOf(string branch)
    {
        VolumeNames.CheckBranch(branch);
        return new StashList(_refs, _stashes + branch);
    }

    /// <summary>Whether there is a branch.</summary>
    public async ValueTask<bool> HasBranchAsync(string name, CancellationToken cancellationToken = default) =>
        VolumeNames.FaultOfBranch(name) is null && await _refs.ReadAsync(_branches + name, cancellationToken) is not null;

    /// <summary>A branch's newest commit; null where it has none.</summary>
    /// <exception cref="UserErrorException">There is no such branch.</exception>
    public async ValueTask<BlockHash?> ReadTipAsync(string branch, CancellationToken cancellationToken = default) =>
        CommitOf(await ReadBranchAsync(branch, cancellationToken), _branches + branch);

    /// <summary>A branch's newest commit, and whether there is such a branch.</summary>
    public async ValueTask<(bool IsThere, BlockHash? Tip)> TryReadTipAsync(string branch, CancellationToken cancellationToken = default) =>
        VolumeNames.FaultOfBranch(branch) is null && await _refs.ReadAsync(_branches + branch, cancellationToken) is { } value ? (true, CommitOf(value, _branches + branch)) : default;

    /// <summary>A tag's commit.</summary>
    /// <returns>Null where there is no such tag.</returns>
    public async ValueTask<BlockHash?> ReadTagAsync(string tag, CancellationToken cancellationToken = default) =>
        VolumeNames.FaultOfBranch(tag) is null && await _refs.ReadAsync(_tags + tag, cancellationToken) is { } value ? CommitOf(value, _tags + tag) : null;

    /// <summary>Makes a branch.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tip">Its newest commit; null for none.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up before it is made.</param>
    /// <exception cref="UserErrorException">There is one of that name, or it is no name.</exception>
    public async ValueTask CreateBranchAsync(string name, BlockHash? tip, string note, CancellationToken cancellationToken = default)
    {
        if (!await TryCreateBranchAsync(name, tip, note, cancellationToken))
            throw new UserErrorException($"there is a branch '{name}' already in {Name}");
    }

    /// <summary>Makes a branch, unless there is one of that name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tip">Its newest commit; null for none.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up before it is made.</param>
    /// <returns>Whether it was made.</returns>
    /// <exception cref="UserErrorException">It is no name.</exception>
    public ValueTask<bool> TryCreateBranchAsync(string name, BlockHash? tip, string note, CancellationToken cancellationToken = default)
    {
        VolumeNames.CheckBranch(name);
        return _refs.TryMoveAsync(_branches + name, null, ValueOf(tip), Line(note), cancellationToken);
    }

    /// <summary>Moves a branch from one commit to another.</summary>
    /// <param name="branch">The branch.</param>
    /// <param name="expected">What must be its newest commit; null where it must have none.</param>
    /// <param name="tip">What is to be.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up before it is moved.</param>
    /// <returns>False where it had another.</returns>
    public ValueTask<bool> TryMoveAsync(string branch, BlockHash? expected, BlockHash? tip, string note, CancellationToken cancellationToken = default)
    {
        VolumeNames.CheckBranch(branch);
        return _refs.TryMoveAsync(_branches + branch, ValueOf(expected), ValueOf(tip), Line(note), cancellationToken);
    }

    /// <summary>
    /// Adds a commit to a branch. Where others add to it at the same time each gets its turn, and the one before it as its parent.
    /// </summary>
    /// <param name="branch">The branch.</param>
    /// <param name="make">Makes the commit, of the branch's newest one, which is null where there is none; null for no commit after all.</param>
    /// <param name="cancellationToken">Gives up before the branch is moved.</param>
    /// <returns>The commit's name; null where none was made.</returns>
    /// <exception cref="UserErrorException">There is no such branch.</exception>
    public async ValueTask<BlockHash?> CommitAsync(
        string branch, Func<BlockHash?, CancellationToken, ValueTask<Commit?>> make, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var tip = await ReadTipAsync(branch, cancellationToken);
            if (await make(tip, cancellationToken) is not { } commit)
                return null;
            var id = await Commits.AddAsync(commit, cancellationToken);
            if (await TryMoveAsync(branch, tip, id, $"{(tip is null ? "commit (initial)" : "commit")}: {FirstLine(commit)}", cancellationToken))
                return id;
        }
    }

    /// <summary>Ends a branch, whose commits its log still reaches.</summary>
    /// <exception cref="UserErrorException">There is no such branch, or no other.</exception>
    public async ValueTask RemoveBranchAsync(string name, string note, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var value = await ReadBranchAsync(name, cancellationToken);
            if (!await HasOtherAsync(name, cancellationToken))
                throw IsLast(name);
            await NoteRemovalAsync(_branches + name, cancellationToken);
            if (!await _refs.TryMoveAsync(_branches + name, value, null, Line(note), cancellationToken))
                continue;

            // Somebody may have ended the other one meanwhile; a volume without branches is none.
            if (await HasOtherAsync(name, CancellationToken.None))
                return;
            await _refs.TryMoveAsync(_branches + name, null, value, "the last branch stays", CancellationToken.None);
            throw IsLast(name);
        }
    }

    /// <summary>Makes a tag, or moves one. What an automatic tag stood for is not kept when it ends: that is what it is ended for.</summary>
    /// <param name="name">The tag.</param>
    /// <param name="commit">What it is to stand for; null ends it.</param>
    /// <param name="mayMove">Whether it may stand for another already.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up before it is moved.</param>
    /// <exception cref="UserErrorException">It stands for another, or there is none to end.</exception>
    public async ValueTask SetTagAsync(string name, BlockHash? commit, bool mayMove, string note, CancellationToken cancellationToken = default)
    {
        VolumeNames.CheckBranch(name);
        while (true)
        {
            var value = await _refs.ReadAsync(_tags + name, cancellationToken);
            if (commit is null && value is null)
                throw new UserErrorException($"there is no tag '{name}' in {Name}");
            if (commit is not null && value is not null && !mayMove)
                throw new UserErrorException($"there is a tag '{name}' already in {Name}");
            if (commit is null && !IsAutomatic(name))
                await NoteRemovalAsync(_tags + name, cancellationToken);
            if (await _refs.TryMoveAsync(_tags + name, value, commit?.ToString(), Line(note), cancellationToken))
                return;
        }
    }

    /// <summary>The branches that were last seen at remotes, as REMOTE/BRANCH, in ordinal order.</summary>
    public IAsyncEnumerable<string> ListTrackedAsync(CancellationToken cancellationToken = default) => ListAsync(_remotes, cancellationToken);

    /// <summary>Where a remote's branch was when it was last seen.</summary>
    /// <param name="name">REMOTE/BRANCH.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where there is none.</returns>
    public async ValueTask<BlockHash?> ReadTrackedAsync(string name, CancellationToken cancellationToken = default) =>
        FaultOfTracked(name) is null && await _refs.ReadAsync(_remotes + name, cancellationToken) is { } value
            ? CommitOf(value, _remotes + name)
            : null;

    /// <summary>Notes where a remote's branch is. What it stood for stays in the log, and with it in the store.</summary>
    /// <param name="name">REMOTE/BRANCH.</param>
    /// <param name="commit">Its newest commit, which is here with all that it comes from; null where it is no more.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up before it is noted.</param>
    public async ValueTask TrackAsync(string name, BlockHash? commit, string note, CancellationToken cancellationToken = default)
    {
        if (FaultOfTracked(name) is { } fault)
            throw new UserErrorException(fault);
        while (await _refs.ReadAsync(_remotes + name, cancellationToken) is var value && value != commit?.ToString()
            && !await _refs.TryMoveAsync(_remotes + name, value, commit?.ToString(), Line(note), cancellationToken))
        {
            // Somebody else has looked there too.
        }
    }

    /// <summary>Makes a tag, or moves one from where it must be.</summary>
    /// <param name="name">The tag.</param>
    /// <param name="expected">What it has to stand for when it is moved; null where there must be none.</param>
    /// <param name="commit">What it is to stand for.</param>
    /// <param name="note">Why.</param>
    /// <param name="cancellationToken">Gives up before it is moved.</param>
    /// <returns>False where it stood for something else.</returns>
    public ValueTask<bool> TryMoveTagAsync(string name, BlockHash? expected, BlockHash commit, string note, CancellationToken cancellationToken = default)
    {
        VolumeNames.CheckBranch(name);
        return _refs.TryMoveAsync(_tags + name, expected?.ToString(), commit.ToString(), Line(note), cancellationToken);
    }

    /// <summary>Every movement of a branch, oldest first; also of one that has ended.</summary>
    public IAsyncEnumerable<Movement> ReadMovementsAsync(string branch, CancellationToken cancellationToken = default) =>
        ReadLogAsync(_branches + branch, cancellationToken);

    /// <summary>Every movement of a tag, oldest first; also of one that has ended.</summary>
    public IAsyncEnumerable<Movement> ReadTagMovementsAsync(string tag, CancellationToken cancellationToken = default) =>
        ReadLogAsync(_tags + tag, cancellationToken);

    /// <summary>
    /// Every commit that a branch, a tag or a branch seen at a remote stands for, or did since it was made, and every one that was ever put aside: nothing that is reached from them goes away. Each once.
    /// Of automatic tags only those count that have not ended, since thinning them is to make room.
    /// </summary>
    public async ValueTask<IReadOnlyCollection<BlockHash>> ListStartsAsync(CancellationToken cancellationToken = default)
    {
        var starts = new HashSet<BlockHash>();
        foreach (var prefix in (string[])[_branches, _tags, _remotes, _removed])
        {
            await foreach (var name in _refs.ListAsync(prefix, cancellationToken))
            {
                if (name.StartsWith($"{_removed}tags/{AutomaticPrefix}", StringComparison.Ordinal))
                    continue;
                var logged = prefix == _removed ? $"volume/{Id:D}/{name[_removed.Length..]}" : name;
                await foreach (var movement in ReadLogAsync(logged, cancellationToken))
                {
                    if (movement.Commit is { } commit)
                        starts.Add(commit);
                }
            }
        }

        await foreach (var name in _refs.ListAsync(_stashes, cancellationToken))
        {
            await foreach (var movement in _refs.ReadLogAsync(name, cancellationToken))
                starts.UnionWith(StashList.Parse(movement.Value, name));
        }

        return starts;
    }

    /// <summary>Whether a tag is one that a schedule makes and ends.</summary>
    public static bool IsAutomatic(string tag) => tag.StartsWith(AutomaticPrefix, StringComparison.Ordinal);

    /// <summary>The first line of a commit's message, as text.</summary>
    public static string FirstLine(Commit commit)
    {
        var message = commit.Message.Span;
        var end = message.IndexOf((byte)'\n');
        return System.Text.Encoding.UTF8.GetString(end < 0 ? message : message[..end]);
    }

    async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var name in _refs.ListAsync(prefix, cancellationToken))
            yield return name[prefix.Length..];
    }

    async IAsyncEnumerable<Movement> ReadLogAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var movement in _refs.ReadLogAsync(name, cancellationToken))
            yield return new Movement(movement.When, movement.Value is { } value ? CommitOf(value, name) : null, movement.Value is null, movement.Note);
    }

    static string? FaultOfTracked(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? $"'{name}' names no remote" : VolumeNames.FaultOfBranch(name[..slash]) ?? VolumeNames.FaultOfBranch(name[(slash + 1)..]);
    }

    async ValueTask<string> ReadBranchAsync(string branch, CancellationToken cancellationToken) =>
        (VolumeNames.FaultOfBranch(branch) is null ? await _refs.ReadAsync(_branches + branch, cancellationToken) : null)
        ?? throw new UserErrorException($"there is no branch '{branch}' in {Name}");

    // Before the end itself: nobody could find the log of a name that has ended.
    async ValueTask NoteRemovalAsync(string name, CancellationToken cancellationToken)
    {
        var note = _removed + name[$"volume/{Id:D}/".Length..];
        if (await _refs.ReadAsync(note, cancellationToken) is null)
            await _refs.TryMoveAsync(note, null, "ended", "", cancellationToken);
    }

    async ValueTask<bool> HasOtherAsync(string branch, CancellationToken cancellationToken)
    {
        await foreach (var name in ListBranchesAsync(cancellationToken))
        {
            if (name != branch)
                return true;
        }

        return false;
    }

    UserErrorException IsLast(string branch) => new($"'{branch}' is the last branch of {Name}, which always has one; remove the volume instead");

    static string ValueOf(BlockHash? commit) => commit?.ToString() ?? Unborn;

    static BlockHash? CommitOf(string value, string name)
    {
        if (value == Unborn)
            return null;
        return BlockHash.TryParse(value, out var commit) ? commit : throw new FormatInvalidException($"the reference {name} has '{value}' and should have a commit's name");
    }

    // A log's line.
    internal static string Line(string note)
    {
        var line = new string([.. note.Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)]);
        return line.Length <= LongestNote ? line : line[..LongestNote];
    }
}
