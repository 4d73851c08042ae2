using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>
/// Finds what an archive file lacks, by what the store's log of its reference has as confirmed. The log is followed from its newest
/// confirmed state back to the first that the file has; what was passed on the way is lost.
/// </summary>
/// <remarks>
/// A copy of an archive has the same id and so the same reference. A state belongs to the file at the path where it was registered, so
/// neither of two copies that go on each for itself lacks what was added to the other, and a copy that nobody adds to lacks nothing while
/// the original is in its place. Where the original is gone, and nothing was ever registered at the file's own path, the file was moved
/// and the states are its own.
/// </remarks>
/// <param name="id">The archive's id.</param>
/// <param name="path">Where the file lies, as an absolute path.</param>
/// <param name="file">The file, open.</param>
sealed class LostStates(Guid id, string path, FileDescriptor file)
{
    readonly Dictionary<string, bool> _isOwnPath = new(StringComparer.Ordinal) { [path] = true };

    /// <summary>Finds them.</summary>
    /// <returns>Oldest first. None where the store knows nothing of the archive.</returns>
    public async ValueTask<IReadOnlyList<LostState>> FindAsync(IRefStore refs, CancellationToken cancellationToken)
    {
        // Whatever the store says is read before the file, which had it by then: an append at the same time is no loss.
        var name = ArchiveRegistration.NameOf(id);
        if (await refs.ReadAsync(name, cancellationToken) is not { } value)
            return [];
        if (ArchiveRegistration.TryParse(value) is { IsConfirmed: true } newest && ReadLast() is { } end && KeyOf(newest.State) == KeyOf(end))
            return [];
        var confirmed = new List<ArchiveRegistration>();
        await foreach (var movement in refs.ReadLogAsync(name, cancellationToken))
        {
            if (movement.Value is { } text && ArchiveRegistration.TryParse(text) is { IsConfirmed: true } registration)
                confirmed.Add(registration);
        }

        return confirmed.Count == 0 ? [] : Find(confirmed);
    }

    List<LostState> Find(List<ArchiveRegistration> confirmed)
    {
        var held = new HashSet<(Timestamp, Dirent)>();
        ArchiveState? last = null;
        foreach (var line in new LineScanner(file).Forwards())
        {
            if (ArchiveLine.TryParse(line) is not { } state)
                continue;
            held.Add(KeyOf(state));
            last = state;
        }

        var wasHere = confirmed.Exists(registration => registration.Path == path);
        var lost = new List<ArchiveState>();
        var follows = false;
        for (var i = confirmed.Count - 1; i >= 0; i--)
        {
            var state = confirmed[i].State;
            if (held.Contains(KeyOf(state)))
            {
                follows = KeyOf(state) == KeyOf(last!);
                break;
            }

            if (IsOwn(confirmed[i].Path, wasHere) && !lost.Exists(other => KeyOf(other) == KeyOf(state)))
                lost.Add(state);
        }

        lost.Reverse();
        return lost.ConvertAll(state => new LostState(state, follows || last is null || state.When > last.When));
    }

    ArchiveState? ReadLast()
    {
        foreach (var line in new LineScanner(file).Backwards())
        {
            if (ArchiveLine.TryParse(line) is { } state)
                return state;
        }

        return null;
    }

    bool IsOwn(string registered, bool wasHere)
    {
        if (!_isOwnPath.TryGetValue(registered, out var isOwn))
            _isOwnPath[registered] = isOwn = LeadsHere(registered) || (!wasHere && !HasArchive(registered));
        return isOwn;
    }

    // Another name of the same file: a link, or a path through one.
    bool LeadsHere(string registered)
    {
        var here = PosixFile.Fstat(file);
        return PosixFile.TryStat(registered, out var there) == Errno.OK && there.Inode == here.Inode && there.Device == here.Device;
    }

    // What can't be looked at may have it.
    bool HasArchive(string registered)
    {
        var error = PosixFile.TryOpen(registered, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK, 0, out var other);
        if (error != Errno.OK)
            return error is not (Errno.ENOENT or Errno.ENOTDIR);
        using (other)
            return PosixFile.Fstat(other).IsRegular && new LineScanner(other).TryReadId() == id;
    }

    static (Timestamp When, Dirent Root) KeyOf(ArchiveState state) => (state.When, state.Root);
}
