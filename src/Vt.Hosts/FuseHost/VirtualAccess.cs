using Vt.Files;
using Vt.Files.Inodes;
using Vt.Posix;

namespace Vt.Hosts.FuseHost;

/// <summary>
/// Who may look up virtual files: root and whose the server is. They hold all that is below a folder, also what the caller could not read there; so the kernel,
/// which may have been told not to check permissions, is not relied on, and asks anew each time that a path is followed.
/// </summary>
static class VirtualAccess
{
    /// <summary>What an ordinary lookup found, or else a virtual file.</summary>
    /// <param name="ordinary">The ordinary lookup.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="lookup">Looks the virtual file up.</param>
    public static async ValueTask<Outcome<FoundNode>> LookupAsync(ValueTask<Outcome<FoundNode>> ordinary, uint user, Func<ValueTask<Outcome<FoundNode>>> lookup)
    {
        var found = await ordinary;
        if (found.Error != Errno.ENOENT)
            return found;
        return user == 0 || user == Ownership.EffectiveUser ? await lookup() : Errno.EACCES;
    }
}
