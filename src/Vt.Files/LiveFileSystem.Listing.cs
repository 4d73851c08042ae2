using Vt.Files.Inodes;
using Vt.Posix;

namespace Vt.Files;

/// <content>Lists directories.</content>
public sealed partial class LiveFileSystem
{
    /// <summary>Opens a directory to list it.</summary>
    public Outcome<LiveListing> OpenDirectory(NodeId directory) =>
        TryFindDirectory(directory, out var inode) is var error && error != Errno.OK ? error : new LiveListing(_tree, _directories, inode);

    /// <summary>Makes a listing ready from a position on; see <see cref="LiveListing.PrepareAsync"/>.</summary>
    public async ValueTask<Errno> PrepareAsync(NodeId directory, LiveListing listing, ulong position, int wanted, CancellationToken cancellationToken = default)
    {
        if (TryFindDirectory(directory, out var inode) is var error && error != Errno.OK)
            return error;
        var outcome = await GuardAsync<bool>(inode, "listing a directory", async () =>
        {
            await listing.PrepareAsync(position, wanted, cancellationToken);
            return true;
        });
        return outcome.Error;
    }

    /// <summary>Counts a lookup of an entry that was listed.</summary>
    /// <returns>What it leads to; null where somebody who wants it has to look the name up.</returns>
    public FoundNode? Enter(LiveListing listing, in ListedName entry) => listing.Enter(entry) is { } id && _tree.Find(id) is { } inode ? Found(inode) : null;
}
