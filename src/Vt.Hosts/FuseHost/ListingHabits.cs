using Vt.Fuse.Protocol;

namespace Vt.Hosts.FuseHost;

/// <summary>
/// Who wants attributes with the names of a folder (READDIRPLUS): those who, given names alone, went on to look each of them up. The kernel's own rule
/// (READDIRPLUS_AUTO) looks at a folder when its next part is read, and has no such moment where one part is all, as with most folders.
/// </summary>
/// <remarks>Threads share a slot with others, and race for it; what is lost by that is a guess.</remarks>
sealed class ListingHabits
{
    /// <summary>The first names of a folder come with attributes for everybody: for most folders that is all of them.</summary>
    public const int Always = 64;

    const int Slots = 256;

    // Whoever wanted attributes is asked again after so many listings.
    const int AskAgain = 64;

    readonly Slot[] _slots = new Slot[Slots];

    /// <summary>A thread begins to list a folder.</summary>
    public void Begin(uint thread, NodeId folder)
    {
        ref var slot = ref _slots[thread % Slots];
        if (slot.Thread != thread)
            slot = new Slot { Thread = thread };
        slot.Folder = folder;
        slot.IsWanted = slot.Listings > 0;
        slot.Listings = Math.Max(0, slot.Listings - 1);
    }

    /// <summary>Whether a thread is to get attributes behind the first names of the folder that it lists.</summary>
    public bool Wants(uint thread)
    {
        ref var slot = ref _slots[thread % Slots];
        return slot.Thread == thread && slot.IsWanted;
    }

    /// <summary>A thread looks a name up.</summary>
    public void NoteLookup(uint thread, NodeId folder)
    {
        ref var slot = ref _slots[thread % Slots];
        if (slot.Thread != thread || slot.Folder != folder)
            return;
        slot.IsWanted = true;
        slot.Listings = AskAgain;
    }

    struct Slot
    {
        public uint Thread;
        public NodeId Folder;
        public bool IsWanted;
        public int Listings;
    }
}
