using System.Collections.Concurrent;
using Vt.Posix;
using Vt.Trees.Meta;

namespace Vt.Trees.Export;

/// <summary>
/// Tells whom a file is to belong to here: the user and the group that have the stored names, as tar and rsync do; the stored
/// numbers where no name was stored, nobody here has it, or numbers are asked for. Root is root everywhere. Safe from any thread.
/// </summary>
/// <param name="byNumber">Whether numbers are asked for.</param>
sealed class OwnerMap(bool byNumber)
{
    readonly ConcurrentDictionary<uint, (ReadOnlyMemory<byte> Name, uint Id)> _users = new();
    readonly ConcurrentDictionary<uint, (ReadOnlyMemory<byte> Name, uint Id)> _groups = new();

    /// <summary>The owner that a file is to have.</summary>
    public NewOwner Of(Metadata metadata) => byNumber
        ? new NewOwner(metadata.Uid, metadata.Gid)
        : new NewOwner(
            Find(_users, metadata.Uid, metadata.UserName, static name => Ownership.UserId(name)),
            Find(_groups, metadata.Gid, metadata.GroupName, static name => Ownership.GroupId(name)));

    static uint Find(
        ConcurrentDictionary<uint, (ReadOnlyMemory<byte> Name, uint Id)> known,
        uint stored,
        ReadOnlyMemory<byte> name,
        Func<ReadOnlySpan<byte>, uint?> ask)
    {
        if (stored == 0 || name.IsEmpty)
            return stored;
        if (known.TryGetValue(stored, out var found) && found.Name.Span.SequenceEqual(name.Span))
            return found.Id;
        var id = ask(name.Span) ?? stored;

        // The name must not keep the node alive that it lies in.
        known[stored] = (name.ToArray(), id);
        return id;
    }
}
