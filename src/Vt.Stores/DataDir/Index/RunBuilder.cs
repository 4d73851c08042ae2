using System.Buffers;
using Vt.Blocks.Hashing;
using Vt.Posix;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// Makes the run of one pack, its table of contents, from blocks in any order. Entries stand in one pooled array that
/// doubles; nothing is allocated for a key. Not thread-safe. Disposing gives the array back.
/// </summary>
/// <param name="algorithm">The algorithm of the digests.</param>
/// <param name="pack">The pack.</param>
/// <param name="sequence">The pack's sequence: nanoseconds since 1970 when it was begun or closed.</param>
sealed class RunBuilder(HashAlgorithmId algorithm, PackId pack, ulong sequence) : IDisposable
{
    IndexEntry[] _entries = [];
    int _count;

    /// <summary>How many blocks were added.</summary>
    public int Count => _count;

    /// <summary>Adds a block.</summary>
    /// <param name="hash">The block's name.</param>
    /// <param name="location">
    /// Where it lies; <see cref="BlockLocation.Pack"/> is not looked at. Where a block is added twice, either place is kept.
    /// </param>
    /// <exception cref="ArgumentException">The name is of another algorithm.</exception>
    public void Add(in BlockHash hash, in BlockLocation location)
    {
        if (hash.Algorithm != algorithm)
            throw new ArgumentException($"{hash} is not a {HashAlgorithms.NameOf(algorithm)} hash", nameof(hash));
        if (_count == _entries.Length)
            Grow();
        _entries[_count++] = new IndexEntry(BlockKey.Of(hash), location with { Pack = 0 });
    }

    /// <summary>Writes the run into a pack, without syncing it.</summary>
    /// <param name="file">The pack.</param>
    /// <param name="start">Where the run starts; best a multiple of 64.</param>
    /// <returns>The run's length in bytes.</returns>
    /// <exception cref="PosixException">Writing failed.</exception>
    public long Write(FileDescriptor file, long start) => Write(new FileRunOutput(file, start));

    /// <summary>The run as bytes.</summary>
    public byte[] ToArray()
    {
        var output = new MemoryRunOutput();
        Write(output);
        return output.ToArray();
    }

    /// <summary>Writes the run.</summary>
    /// <returns>The run's length in bytes.</returns>
    public long Write(RunOutput output)
    {
        var entries = _entries.AsSpan(0, _count);
        EntrySort.Sort(entries);
        var writer = new RunWriter(output, algorithm, [new RunPack(pack, sequence, 0)], _count);
        foreach (ref readonly var entry in entries)
            writer.Add(entry.Key, entry.Location);
        return writer.Finish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var entries = _entries;
        _entries = [];
        _count = 0;
        if (entries.Length > 0)
            ArrayPool<IndexEntry>.Shared.Return(entries);
    }

    void Grow()
    {
        var larger = ArrayPool<IndexEntry>.Shared.Rent(Math.Max(1024, _entries.Length * 2));
        _entries.AsSpan(0, _count).CopyTo(larger);
        if (_entries.Length > 0)
            ArrayPool<IndexEntry>.Shared.Return(_entries);
        _entries = larger;
    }
}
