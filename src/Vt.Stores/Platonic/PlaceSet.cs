using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>The index files of one moment. Never changes; thread-safe.</summary>
/// <param name="files">The files, the oldest first.</param>
/// <param name="tree">What the tree is called whose files they have all; null where there is none.</param>
/// <param name="fault">What is wrong with a file that is missing here; null where nothing is.</param>
sealed class PlaceSet(PlaceFile[] files, string? tree, FormatInvalidException? fault)
{
    /// <summary>The files, the oldest first.</summary>
    public IReadOnlyList<PlaceFile> Files => files;

    /// <summary>What the tree is called whose files they have all; null where there is none.</summary>
    public string? Tree => tree;

    /// <summary>What is wrong with a file that is missing here; null where nothing is.</summary>
    public FormatInvalidException? Fault => fault;

    /// <summary>Every place of a block in a file whose newest indexing that is, the newest first.</summary>
    public List<(PlaceFile Index, FilePlace Place)>? Find(in BlockHash hash)
    {
        List<(PlaceFile, FilePlace)>? found = null;
        var key = BlockKey.Of(hash);
        for (var i = files.Length - 1; i >= 0; i--)
        {
            for (var at = files[i].Find(key); at < files[i].Entries && files[i].EntryAt(at) is var entry && entry.Key == key; at++)
            {
                var place = FilePlace.Of(entry.Location);
                if (place.File < (uint)files[i].Files && !IsSuperseded(i, (int)place.File))
                    (found ??= []).Add((files[i], place));
            }
        }

        return found;
    }

    /// <summary>Finds the newest indexing of a file; null where it is not indexed.</summary>
    public IndexedFile? FindPath(ReadOnlySpan<byte> path)
    {
        for (var i = files.Length - 1; i >= 0; i--)
        {
            var row = files[i].FindPath(path);
            if (row >= 0)
                return files[i].FileAt(row);
        }

        return null;
    }

    /// <summary>Files with an inode, in their newest indexing.</summary>
    public IEnumerable<IndexedFile> FindInode(ulong inode)
    {
        for (var i = files.Length - 1; i >= 0; i--)
        {
            foreach (var row in files[i].FindInode(inode))
            {
                if (!IsSuperseded(i, row))
                    yield return files[i].FileAt(row);
            }
        }
    }

    /// <summary>How many files and blocks there are, and the files' bytes; those that were indexed anew and not merged yet count twice.</summary>
    public (long Files, long Bytes, long Places) Count() => (files.Sum(static file => (long)file.Files), files.Sum(static file => file.FileBytes), files.Sum(static file => file.Entries));

    bool IsSuperseded(int index, int row)
    {
        if (index == files.Length - 1)
            return false;
        var path = files[index].PathAt(row);
        for (var i = index + 1; i < files.Length; i++)
        {
            if (files[i].FindPath(path) >= 0)
                return true;
        }

        return false;
    }
}
