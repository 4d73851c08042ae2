namespace Vt.Stores.DataDir.Index;

/// <summary>
/// Sorts entries by key in place: American flag sort (McIlroy, Bostic and McIlroy, "Engineering Radix Sort", 1993) a digest
/// byte at a time, and insertion below <see cref="Small"/>. Linear in the number of entries for any digests, as no
/// entry is looked at for more than 32 digits.
/// </summary>
static class EntrySort
{
    const int Small = 24;

    public static void Sort(Span<IndexEntry> entries) => Sort(entries, 0);

    static void Sort(Span<IndexEntry> entries, int digit)
    {
        if (entries.Length <= Small)
        {
            Insert(entries);
            return;
        }

        Span<int> starts = stackalloc int[257];
        for (; digit < BlockKey.Size; digit++)
        {
            Count(entries, digit, starts);
            if (!AllInOne(starts, entries.Length))
            {
                Distribute(entries, digit, starts);
                for (var bucket = 0; bucket < 256; bucket++)
                    Sort(entries[starts[bucket]..starts[bucket + 1]], digit + 1);
                return;
            }
        }
    }

    /// <summary>Fills in where each bucket starts, and the end after the last.</summary>
    static void Count(ReadOnlySpan<IndexEntry> entries, int digit, Span<int> starts)
    {
        starts.Clear();
        foreach (ref readonly var entry in entries)
            starts[entry.Key.ByteAt(digit) + 1]++;
        for (var bucket = 0; bucket < 256; bucket++)
            starts[bucket + 1] += starts[bucket];
    }

    static bool AllInOne(ReadOnlySpan<int> starts, int length)
    {
        for (var bucket = 0; bucket < 256; bucket++)
        {
            if (starts[bucket + 1] - starts[bucket] == length)
                return true;
        }

        return false;
    }

    static void Distribute(Span<IndexEntry> entries, int digit, ReadOnlySpan<int> starts)
    {
        Span<int> next = stackalloc int[256];
        starts[..256].CopyTo(next);
        for (var bucket = 0; bucket < 256; bucket++)
        {
            while (next[bucket] < starts[bucket + 1])
            {
                var entry = entries[next[bucket]];
                int home;
                while ((home = entry.Key.ByteAt(digit)) != bucket)
                {
                    var slot = next[home]++;
                    (entries[slot], entry) = (entry, entries[slot]);
                }

                entries[next[bucket]++] = entry;
            }
        }
    }

    static void Insert(Span<IndexEntry> entries)
    {
        for (var i = 1; i < entries.Length; i++)
        {
            var entry = entries[i];
            var at = i;
            while (at > 0 && entry.Key.CompareTo(entries[at - 1].Key) < 0)
            {
                entries[at] = entries[at - 1];
                at--;
            }

            entries[at] = entry;
        }
    }
}
