using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>
/// Gathers files and the places of their blocks for one index file. A file that comes again takes the place of what came before. Not thread-safe.
/// Memory: 48 bytes a block, and about 300 a file.
/// </summary>
/// <param name="algorithm">How blocks are named.</param>
sealed class PlaceBuilder(HashAlgorithmId algorithm)
{
    const int MostEntries = 1 << 19;
    const int MostFiles = 1 << 16;

    readonly List<IndexedFile> _files = [];
    readonly List<IndexEntry> _entries = [];

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty => _files.Count == 0;

    /// <summary>Whether it should be written before more is added.</summary>
    public bool IsFull => _entries.Count >= MostEntries || _files.Count >= MostFiles;

    /// <summary>Adds a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="blocks">Its blocks and where they are in it.</param>
    public void Add(IndexedFile file, IReadOnlyList<(BlockHash Hash, long Offset, int Length)> blocks)
    {
        foreach (var (hash, offset, length) in blocks)
            _entries.Add(new IndexEntry(BlockKey.Of(hash), new FilePlace((uint)_files.Count, offset, length).ToLocation()));
        _files.Add(file);
    }

    /// <summary>Writes the index file.</summary>
    public void Write(FileDescriptor output)
    {
        // The last of those with one path; a stable order makes it the last of its group.
        var order = Enumerable.Range(0, _files.Count).OrderBy(i => _files[i].Path, PathOrder.Instance).ToArray();
        var rows = new uint[_files.Count];
        Array.Fill(rows, uint.MaxValue);
        var kept = new List<int>(order.Length);
        for (var i = 0; i < order.Length; i++)
        {
            if (i + 1 < order.Length && _files[order[i]].Path.AsSpan().SequenceEqual(_files[order[i + 1]].Path))
                continue;
            rows[order[i]] = (uint)kept.Count;
            kept.Add(order[i]);
        }

        var entries = _entries.Where(entry => rows[entry.Location.Pack] != uint.MaxValue)
            .Select(entry => entry with { Location = entry.Location with { Pack = rows[entry.Location.Pack] } }).ToArray();
        EntrySort.Sort(entries);
        new PlaceWriter(output).Write(algorithm, kept.Count, row => _files[kept[row]], entries);
    }

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        _files.Clear();
        _entries.Clear();
    }
}
