using Vt.Blocks.Contracts;

namespace Vt.Stores.DataDir.Index;

/// <summary>Reading all of a run and checking that every part says the same.</summary>
sealed partial class Run
{
    /// <summary>Checks every page against its checksum now, the order of entries, the filter, and the pack table's counts.</summary>
    /// <exception cref="FormatInvalidException">What is wrong first, and where.</exception>
    public void Verify(CancellationToken cancellationToken)
    {
        Array.Clear(_filterPagesChecked);
        Array.Clear(_entryPagesChecked);
        for (var page = 0; page < _layout.FilterPages; page++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CheckFilterPage(page);
        }

        var counts = new ulong[_packs.Length];
        IndexEntry? previous = null;
        for (var page = 0; page < _layout.EntryPages; page++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            VerifyPage(page, counts, ref previous);
        }

        VerifyTotals(counts, previous);
    }

    void VerifyPage(int page, ulong[] counts, ref IndexEntry? previous)
    {
        var bytes = EntryPage(page);
        for (var at = 0; at < bytes.Length; at += IndexEntry.Size)
        {
            var entry = IndexEntry.Read(bytes[at..]);
            var index = ((long)page * RunLayout.EntriesPerPage) + (at / IndexEntry.Size);
            var wrong = Wrong(entry, index, previous);
            if (wrong is not null)
                throw Damaged(wrong, _layout.EntriesOffset + (index * IndexEntry.Size));
            counts[entry.Location.Pack]++;
            previous = entry;
        }
    }

    string? Wrong(in IndexEntry entry, long index, IndexEntry? previous)
    {
        var block = RunLayout.BlockOf(entry.Key.A, _layout.Blocks, out _);
        if (entry.Location.Pack >= (uint)_packs.Length || entry.Location.IsNone)
            return $"entry {index} lies in no pack of the run";
        if (previous is { } before && before.Key.CompareTo(entry.Key) > 0)
            return $"entry {index} is out of order";
        if (previous is null && entry.Key != _header.First)
            return "the first entry is not the header's first key";
        if (index < RankOf(block) || index >= RankOf(block + 1))
            return $"entry {index} is not where the filter points";
        return MayContain(FilterBlock(block), entry.Key.B) == 1 ? null : $"the filter does not know entry {index}";
    }

    void VerifyTotals(ulong[] counts, IndexEntry? last)
    {
        if (last?.Key is { } key && key != _header.Last)
            throw Damaged("the last entry is not the header's last key", 0);
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] != _packs[i].Count)
            {
                throw Damaged(
                    $"pack {_packs[i].Id} has {counts[i]} entries where the pack table says {_packs[i].Count}",
                    RunLayout.PacksOffset + (i * RunPack.Size));
            }

        }
    }
}
