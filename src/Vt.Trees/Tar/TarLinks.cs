namespace Vt.Trees.Tar;

/// <summary>Which member has the content of an inode with several names: the first one. Complete once the archive is measured; then safe from any thread.</summary>
/// <remarks>Memory: some 120 bytes for each inode with several names.</remarks>
sealed class TarLinks
{
    readonly Dictionary<Guid, (long Ordinal, TarFolder Folder, byte[] Name)> _first = [];

    /// <summary>The path of the member that has an inode's content; null where it is this one.</summary>
    /// <param name="inode">The inode.</param>
    /// <param name="ordinal">The member that asks; the first that ever does becomes the one.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="name">Its name.</param>
    public byte[]? PathOfFirst(Guid inode, long ordinal, TarFolder folder, ReadOnlyMemory<byte> name)
    {
        if (!_first.TryGetValue(inode, out var first))
        {
            _first.Add(inode, (ordinal, folder, name.ToArray()));
            return null;
        }

        return first.Ordinal == ordinal ? null : first.Folder.PathOf(first.Name);
    }
}
