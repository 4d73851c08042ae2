using Vt.Blocks.BlockTree;

namespace Vt.Files.Inodes;

/// <summary>
/// The entries of a directory: the stored ones, and over them those that are in memory since the kernel knows them or they
/// changed. Guarded by the tree's gate.
/// </summary>
sealed class LiveDirectory
{
    readonly Dictionary<byte[], LiveEntry> _entries = new(NameComparer.Instance);

    /// <summary>The stored entries: what the last checkpoint had, or none.</summary>
    public BlockRef Stored { get; set; }

    /// <summary>Changes of this epoch and earlier are in <see cref="Stored"/>.</summary>
    public uint StoredThrough { get; set; }

    /// <summary>How many entries there are; known once <see cref="IsCounted"/>.</summary>
    public long Count { get; set; }

    /// <summary>How many of them are directories.</summary>
    public long Subdirectories { get; set; }

    /// <summary>How many of the entries are local.</summary>
    public long LocalCount { get; set; }

    /// <summary>How many of these are directories.</summary>
    public long LocalSubdirectories { get; set; }

    /// <summary>Counts how often the stored entries were given up for those in memory: what a checkpoint makes of those of before is not wanted then.</summary>
    public uint Generation { get; set; }

    /// <summary>The stored entries that all came into memory, and none of which has left it since.</summary>
    public BlockRef Loaded { get; set; } = BlockRef.Empty;

    /// <summary>Whether the stored entries have been counted into the two numbers.</summary>
    public bool IsCounted { get; set; }

    /// <summary>Counts the changes, so that a listing knows whether it is old.</summary>
    public uint Version { get; set; }

    /// <summary>The names whose entries have changed in the current epoch.</summary>
    public List<byte[]> ChangedNames { get; set; } = [];

    /// <summary>The listing made last, for others to share while nothing changes.</summary>
    public DirectorySnapshot? Snapshot { get; set; }

    /// <summary>Whether somebody was told of a name that it isn't there, and may remember that.</summary>
    public bool HasDenied { get; set; }

    /// <summary>How many entries came with the stored ones that it was given, and how many bytes their files have; null where it was given none.</summary>
    public (long Entries, long Bytes)? Adopted { get; set; }

    /// <summary>How many entries are in memory.</summary>
    public int InMemory => _entries.Count;

    /// <summary>The entries in memory.</summary>
    public IEnumerable<KeyValuePair<byte[], LiveEntry>> Entries => _entries;

    /// <summary>An entry in memory.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out LiveEntry entry) =>
        _entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out entry);

    /// <summary>Puts an entry into memory.</summary>
    public void Put(byte[] name, LiveEntry entry) => _entries[name] = entry;

    /// <summary>Takes all entries out of memory: they say nothing of other stored ones.</summary>
    public void Clear()
    {
        _entries.Clear();
        Loaded = BlockRef.Empty;
        StoredThrough = 0;
    }

    /// <summary>Takes an entry out of memory.</summary>
    public void Forget(byte[] name)
    {
        _entries.Remove(name);
        Loaded = BlockRef.Empty;
    }
}
