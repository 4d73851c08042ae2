using Vt.Blocks.Hashing;
using Vt.Posix;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.Platonic;

/// <summary>
/// Makes one index file of several neighbours: of files with one path the newest stays, and those that are gone go. Memory: 20 bytes a file.
/// </summary>
/// <param name="inputs">The index files, the oldest first.</param>
/// <param name="isGone">Whether a file is no more as it was indexed.</param>
sealed class PlaceMerge(IReadOnlyList<PlaceFile> inputs, Func<byte[], FileFacts, bool> isGone)
{
    readonly List<(int Input, int Row)> _files = [];
    readonly uint[][] _rows = [.. inputs.Select(static input => new uint[input.Files])];

    /// <summary>Writes it.</summary>
    public void Write(HashAlgorithmId algorithm, FileDescriptor output)
    {
        Choose();
        new PlaceWriter(output).Write(algorithm, _files.Count, row => inputs[_files[row].Input].FileAt(_files[row].Row), Entries());
    }

    void Choose()
    {
        var next = new int[inputs.Count];
        var names = new byte[]?[inputs.Count];
        for (var i = 0; i < inputs.Count; i++)
        {
            Array.Fill(_rows[i], uint.MaxValue);
            names[i] = inputs[i].Files > 0 ? inputs[i].PathAt(0) : null;
        }

        while (true)
        {
            // The newest of those with the least path.
            var least = -1;
            for (var i = 0; i < names.Length; i++)
            {
                if (names[i] is { } name && (least < 0 || name.AsSpan().SequenceCompareTo(names[least]) <= 0))
                    least = i;
            }

            if (least < 0)
                return;
            var path = names[least]!;
            if (!isGone(path, inputs[least].FactsAt(next[least])))
            {
                _rows[least][next[least]] = (uint)_files.Count;
                _files.Add((least, next[least]));
            }

            for (var i = 0; i < names.Length; i++)
            {
                if (names[i] is { } name && name.AsSpan().SequenceEqual(path))
                    names[i] = ++next[i] < inputs[i].Files ? inputs[i].PathAt(next[i]) : null;
            }
        }
    }

    IEnumerable<IndexEntry> Entries()
    {
        var next = new long[inputs.Count];
        var heads = new IndexEntry?[inputs.Count];
        for (var i = 0; i < heads.Length; i++)
            heads[i] = NextOf(i, ref next[i]);
        while (true)
        {
            var least = -1;
            for (var i = 0; i < heads.Length; i++)
            {
                if (heads[i] is { } head && (least < 0 || head.Key.CompareTo(heads[least]!.Value.Key) < 0))
                    least = i;
            }

            if (least < 0)
                yield break;
            yield return heads[least]!.Value;
            heads[least] = NextOf(least, ref next[least]);
        }
    }

    IndexEntry? NextOf(int input, ref long next)
    {
        while (next < inputs[input].Entries)
        {
            var entry = inputs[input].EntryAt(next++);
            var row = entry.Location.Pack < (uint)_rows[input].Length ? _rows[input][entry.Location.Pack] : uint.MaxValue;
            if (row != uint.MaxValue)
                return entry with { Location = entry.Location with { Pack = row } };
        }

        return null;
    }
}
