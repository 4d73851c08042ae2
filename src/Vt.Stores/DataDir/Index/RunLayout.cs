namespace Vt.Stores.DataDir.Index;

/// <summary>Where a run's sections lie: a function of three numbers. doc/design/003-index.md has the byte tables.</summary>
/// <param name="Packs">Rows of the pack table.</param>
/// <param name="Blocks">Filter blocks, at least one.</param>
/// <param name="Count">Entries.</param>
readonly record struct RunLayout(int Packs, long Blocks, long Count)
{
    public const int FilterBlockSize = 64;

    /// <summary>Filter blocks whose bytes share one checksum: 64 KiB.</summary>
    public const int BlocksPerPage = 1024;

    /// <summary>Entries whose bytes share one checksum: 48 KiB.</summary>
    public const int EntriesPerPage = 1024;

    public const int FilterPageSize = BlocksPerPage * FilterBlockSize;
    public const int EntryPageSize = EntriesPerPage * IndexEntry.Size;

    /// <summary>Keys for which a filter block is laid out on average: 448 bits for 36 keys are 12.4 bits a key.</summary>
    public const int KeysPerBlock = 36;

    public const long PacksOffset = RunHeader.Size;

    /// <summary>So many filter blocks fill the largest span; a run of over 1.2 billion entries would only get a denser filter.</summary>
    public const long MaxBlocks = int.MaxValue / FilterBlockSize;

    public const int MaxPacks = 1 << 20;

    /// <summary>The most entries of a run, 192 GiB of them. It keeps the arithmetic on untrusted headers far from overflow, too.</summary>
    public const long MaxCount = 1L << 32;

    public long FilterOffset => (PacksOffset + ((long)Packs * RunPack.Size) + FilterBlockSize - 1) / FilterBlockSize * FilterBlockSize;

    public long EntriesOffset => FilterOffset + (Blocks * FilterBlockSize);

    public long ChecksOffset => EntriesOffset + (Count * IndexEntry.Size);

    public int FilterPages => (int)((Blocks + BlocksPerPage - 1) / BlocksPerPage);

    public int EntryPages => (int)((Count + EntriesPerPage - 1) / EntriesPerPage);

    public long ChecksLength => 4L * (FilterPages + EntryPages);

    public long TrailerOffset => ChecksOffset + ChecksLength;

    public long TotalLength => TrailerOffset + RunTrailer.Size;

    /// <summary>How many filter blocks a run of up to <paramref name="count"/> entries gets.</summary>
    public static long BlocksFor(long count) => Math.Clamp((count + KeysPerBlock - 1) / KeysPerBlock, 1, MaxBlocks);

    /// <summary>The filter block of a key: blocks divide the range of digest prefixes evenly, so they follow the order of keys.</summary>
    /// <param name="prefix">The key's first eight bytes.</param>
    /// <param name="blocks">How many filter blocks there are.</param>
    /// <param name="fraction">How far into the block's share of the prefixes the key is, in units of 2^-64.</param>
    public static long BlockOf(ulong prefix, long blocks, out ulong fraction) => (long)Math.BigMul(prefix, (ulong)blocks, out fraction);

    /// <summary>The bit that a key sets in one of its block's words 1 to 7: digest bytes 8 to 15 choose it, six bits a word.</summary>
    public static ulong FilterBit(ulong selector, int word) => 1UL << ((int)(selector >> (6 * (word - 1))) & 63);
}
