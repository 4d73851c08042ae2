using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vt.Blocks.Hashing;
using Vt.Posix;

namespace Vt.Stores.Cache;

/// <summary>
/// Where the blocks of a cache lie: a file of fixed size that every process maps, so that opening costs nothing and what one keeps all have. It is derived: whatever
/// stands in it, each block is checked against its name before anybody sees it.
/// </summary>
/// <remarks>
/// After a page of numbers (<see cref="CacheState"/>) come buckets of 256 bytes: a word that tells whether to look into the next bucket too, then 7 entries of four
/// 64-bit words: two of the block's digest, each mixed with the two words of a <see cref="CacheEntry"/>, and those. Changes are made under the cache's lock, one
/// process at a time; readers take none, and an entry that they see half changed does not match. An entry that is queued and not sent gives way to nothing.
/// </remarks>
sealed class CacheTable : IDisposable
{
    /// <summary>How long a table of so many buckets is.</summary>
    public const int BucketSize = 256;

    const int EntriesInBucket = 7;
    const int WordsInEntry = 4;
    const int WordsInBucket = BucketSize / sizeof(ulong);
    const int MostProbes = 64;

    readonly MemoryMap _map;
    readonly long _buckets;

    /// <summary>Takes a map over.</summary>
    public CacheTable(MemoryMap map)
    {
        _map = map;
        _buckets = (map.Length - CacheState.Size) / BucketSize;
        State = new CacheState(map);
    }

    /// <summary>The numbers.</summary>
    public CacheState State { get; }

    /// <summary>The table's size in bytes.</summary>
    public long Length => _map.Length;

    /// <summary>How many entries there is room for.</summary>
    public long Room => _buckets * EntriesInBucket;

    /// <summary>How long a table is that suits a cache.</summary>
    public static long LengthFor(long bytes) => CacheState.Size + (Math.Clamp(bytes / 40_000, 64, 1 << 24) * BucketSize);

    /// <summary>Finds a block.</summary>
    public bool TryFind(in BlockHash hash, out CacheEntry entry)
    {
        var slot = FindSlot(hash, out entry);
        return !slot.IsEmpty;
    }

    /// <summary>Counts a use. Nothing happens where the entry has changed.</summary>
    public void NoteUse(in BlockHash hash, in CacheEntry entry)
    {
        if (entry.WordUsed != entry.Word)
            Change(hash, entry, entry.WordUsed);
    }

    /// <summary>Notes that the block is damaged where it lies.</summary>
    public void NoteDamage(in BlockHash hash, in CacheEntry entry) => Change(hash, entry, entry.WordDamaged);

    /// <summary>Forgets where a block lies.</summary>
    public void Drop(in BlockHash hash, in CacheEntry entry) => Change(hash, entry, 0);

    /// <summary>Sets where a block lies. Only under the cache's lock.</summary>
    /// <param name="hash">The block.</param>
    /// <param name="entry">Where.</param>
    /// <param name="must">Whether it has to be found: then it may go to a neighbouring bucket.</param>
    /// <returns>False where there is no room.</returns>
    public bool Set(in BlockHash hash, in CacheEntry entry, bool must)
    {
        var slot = FindSlot(hash, out var old);
        if (!slot.IsEmpty)
        {
            if (must || !IsUnsent(old))
                Write(slot, hash, entry);
            return true;
        }

        var at = BucketOf(hash);
        for (var probe = 0; probe < (must ? MostProbes : 1); probe++)
        {
            var bucket = Bucket(at);
            var victim = VictimOf(bucket);
            if (victim >= 0)
            {
                Write(bucket.Slice(1 + (victim * WordsInEntry), WordsInEntry), hash, entry);
                return true;
            }

            if (must)
                Volatile.Write(ref bucket[0], 1);
            at = (at + 1) % _buckets;
        }

        return false;
    }

    /// <summary>Forgets all blocks that wait to be sent: where they lie is found out anew. Only under the cache's lock.</summary>
    public void DropUnsent()
    {
        for (long at = 0; at < _buckets; at++)
        {
            var bucket = Bucket(at);
            for (var i = 1; i < 1 + (EntriesInBucket * WordsInEntry); i += WordsInEntry)
            {
                if (bucket[i + 3] != 0 && IsUnsent(new CacheEntry(bucket[i + 2], bucket[i + 3])))
                    bucket[i + 3] = 0;
            }
        }
    }

    /// <summary>Forgets all blocks. Only under the cache's lock.</summary>
    public void Clear()
    {
        for (long at = 0; at < _buckets; at++)
            Bucket(at).Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    bool IsUnsent(in CacheEntry entry) => entry.IsQueued && entry.Position >= State.Sent;

    void Change(in BlockHash hash, in CacheEntry entry, ulong word)
    {
        var slot = FindSlot(hash, out var now);
        if (!slot.IsEmpty && now == entry)
            Interlocked.CompareExchange(ref slot[3], word, entry.Word);
    }

    Span<ulong> FindSlot(in BlockHash hash, out CacheEntry entry)
    {
        var (first, second) = KeyOf(hash);
        var at = BucketOf(hash);
        for (var probe = 0; probe < MostProbes; probe++)
        {
            var bucket = Bucket(at);
            for (var i = 1; i < 1 + (EntriesInBucket * WordsInEntry); i += WordsInEntry)
            {
                var word = Volatile.Read(ref bucket[i + 3]);
                if (word == 0)
                    continue;
                var position = Volatile.Read(ref bucket[i + 2]);
                var check = CheckOf(position, word);
                if (Volatile.Read(ref bucket[i]) != (first ^ check) || Volatile.Read(ref bucket[i + 1]) != (second ^ ulong.RotateLeft(check, 23)))
                    continue;
                entry = new CacheEntry(position, word);
                return bucket.Slice(i, WordsInEntry);
            }

            if (Volatile.Read(ref bucket[0]) == 0)
                break;
            at = (at + 1) % _buckets;
        }

        entry = default;
        return default;
    }

    /// <summary>The entry to write over: a free one, then one whose segment is gone, then the one that was used least and is oldest; -1 where none may go.</summary>
    int VictimOf(ReadOnlySpan<ulong> bucket)
    {
        var victim = -1;
        var least = ulong.MaxValue;
        var oldest = State.OldestSegment;
        for (var i = 0; i < EntriesInBucket; i++)
        {
            var entry = new CacheEntry(bucket[1 + (i * WordsInEntry) + 2], bucket[1 + (i * WordsInEntry) + 3]);
            if (entry.IsNone || entry.Segment < oldest)
                return i;
            if (IsUnsent(entry))
                continue;
            var worth = ((ulong)entry.Uses << 32) | entry.Segment;
            if (worth < least)
                (victim, least) = (i, worth);
        }

        return victim;
    }

    static void Write(Span<ulong> slot, in BlockHash hash, in CacheEntry entry)
    {
        var (first, second) = KeyOf(hash);
        var check = CheckOf(entry.Position, entry.Word);
        Volatile.Write(ref slot[3], 0);
        Volatile.Write(ref slot[2], entry.Position);
        Volatile.Write(ref slot[0], first ^ check);
        Volatile.Write(ref slot[1], second ^ ulong.RotateLeft(check, 23));
        Volatile.Write(ref slot[3], entry.Word);
    }

    static ulong CheckOf(ulong position, ulong word) => (position * 0x9e3779b97f4a7c15) ^ (word & ~CacheEntry.LooseBits);

    static (ulong First, ulong Second) KeyOf(in BlockHash hash) => (hash.Prefix, BinaryPrimitives.ReadUInt64BigEndian(hash.Digest[8..]));

    long BucketOf(in BlockHash hash) => (long)(BinaryPrimitives.ReadUInt64BigEndian(hash.Digest[16..]) % (ulong)_buckets);

    Span<ulong> Bucket(long at) => MemoryMarshal.Cast<byte, ulong>(_map.WritableSpan(CacheState.Size + (at * BucketSize), WordsInBucket * sizeof(ulong)));
}
