using Vt.Posix;

namespace Vt.Trees.Export;

/// <summary>
/// Keeps what an export makes free of access control lists that it did not bring: a directory's default list goes to all that is
/// made in it, whatever that had where it came from (acl(5)).
/// </summary>
static class AccessLists
{
    static ReadOnlySpan<byte> Access => "system.posix_acl_access"u8;

    static ReadOnlySpan<byte> Default => "system.posix_acl_default"u8;

    /// <summary>Whether what is made in a directory gets a list from it.</summary>
    public static bool AreInherited(FileDescriptor directory) => Xattrs.TryGet(directory, Default, [], out _) == Errno.OK;

    /// <summary>Takes the lists from a file, or from a directory before it is filled; its permissions stay.</summary>
    public static void Remove(FileDescriptor file)
    {
        _ = Xattrs.TryRemove(file, Access);
        _ = Xattrs.TryRemove(file, Default);
    }

    /// <summary>Takes the list from what a descriptor's path in <c>/proc</c> stands for.</summary>
    public static void Remove(ReadOnlySpan<byte> path) => _ = Xattrs.TryRemove(path, Access);
}
