using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Volumes.Branches;

/// <summary>
/// What was put aside of a branch: commits whose parent is the one that the changes were made to. They are the value of one reference, the newest first, so that adding and
/// taking out, also from the middle, is one movement. Safe from any thread and for many processes at once.
/// </summary>
public sealed class StashList
{
    /// <summary>The most that there may be.</summary>
    public const int MostKept = 100;

    // The reference stays when the last one goes, since its log is found by its name.
    const string Nothing = "none";

    readonly IRefStore _refs;
    readonly string _name;

    internal StashList(IRefStore refs, string name)
    {
        _refs = refs;
        _name = name;
    }

    /// <summary>The commits, the newest first.</summary>
    public async ValueTask<IReadOnlyList<BlockHash>> ReadAsync(CancellationToken cancellationToken = default) =>
        Parse(await _refs.ReadAsync(_name, cancellationToken), _name);

    /// <summary>Adds a commit, which is durable already.</summary>
    /// <exception cref="UserErrorException">There are too many.</exception>
    public ValueTask PushAsync(BlockHash commit, string note, CancellationToken cancellationToken = default) => ChangeAsync(
        there => there.Count < MostKept ? [commit, .. there.Where(other => other != commit)]
            : throw new UserErrorException($"{MostKept} stashes are kept already: take one out with vt stash pop or vt stash drop"),
        note,
        cancellationToken);

    /// <summary>Takes a commit out; does nothing where it is not there.</summary>
    public ValueTask DropAsync(BlockHash commit, string note, CancellationToken cancellationToken = default) =>
        ChangeAsync(there => [.. there.Where(other => other != commit)], note, cancellationToken);

    /// <summary>The commits that a value of the reference names.</summary>
    internal static IReadOnlyList<BlockHash> Parse(string? value, string name) => value is null or Nothing ? [] :
    [
        .. value.Split(' ').Select(word => BlockHash.TryParse(word, out var commit)
            ? commit
            : throw new FormatInvalidException($"the reference {name} has '{word}' and should have commits' names")),
    ];

    async ValueTask ChangeAsync(Func<IReadOnlyList<BlockHash>, IReadOnlyList<BlockHash>> change, string note, CancellationToken cancellationToken)
    {
        while (true)
        {
            var value = await _refs.ReadAsync(_name, cancellationToken);
            var there = Parse(value, _name);
            var changed = change(there);
            if (changed.SequenceEqual(there))
                return;
            var text = changed.Count == 0 ? Nothing : string.Join(' ', changed);
            if (await _refs.TryMoveAsync(_name, value, text, Volume.Line(note), cancellationToken))
                return;
        }
    }
}
