using System.Collections.Concurrent;
using Vt.Posix;

namespace Vt.Trees.Meta;

/// <summary>Names of users and groups, each asked for once. Safe from any thread.</summary>
public sealed class OwnerNames
{
    readonly ConcurrentDictionary<uint, byte[]> _users = new();
    readonly ConcurrentDictionary<uint, byte[]> _groups = new();

    /// <summary>A user's name; empty where the system knows none, or none that fits.</summary>
    public byte[] User(uint uid) => _users.GetOrAdd(uid, static id => Fitting(Ownership.UserName(id)));

    /// <summary>A group's name; empty where the system knows none, or none that fits.</summary>
    public byte[] Group(uint gid) => _groups.GetOrAdd(gid, static id => Fitting(Ownership.GroupName(id)));

    static byte[] Fitting(byte[]? name) => name is { Length: <= Metadata.LongestOwnerName } ? name : [];
}
