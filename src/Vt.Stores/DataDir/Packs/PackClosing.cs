using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;
using Vt.Stores.DataDir.Text;

namespace Vt.Stores.DataDir.Packs;

/// <summary>The order in which a finished pack becomes a closed one.</summary>
static class PackClosing
{
    /// <summary>Lists a pack whose bytes are durable and gives it its last name.</summary>
    /// <param name="layout">Where packs lie.</param>
    /// <param name="catalogue">The list of what must be there.</param>
    /// <param name="disk">Writes.</param>
    /// <param name="pack">The pack.</param>
    /// <param name="length">Its length.</param>
    /// <param name="isListed">Whether the catalogue has it.</param>
    public static void Publish(DataDirLayout layout, Catalogue catalogue, DiskWriter disk, PackId pack, long length, bool isListed)
    {
        if (!isListed)
            Announce(layout, catalogue, disk, pack);
        disk.Rename(layout.OpenPack(pack), layout.ClosedPack(pack));
        disk.SyncFolder(layout.Packs);
        catalogue.AppendClosed(pack, length);
    }

    /// <summary>Lists a pack whose bytes are durable. Its name becomes durable first, so that nothing is listed that may be gone.</summary>
    public static void Announce(DataDirLayout layout, Catalogue catalogue, DiskWriter disk, PackId pack)
    {
        disk.SyncFolder(layout.Packs);
        catalogue.AppendPack(pack);
    }
}
