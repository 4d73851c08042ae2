using System.Buffers;
using Vt.Blocks.Hashing;
using Vt.Posix;

namespace Vt.Stores.DataDir.Index;

/// <summary>
/// Makes the run of one pack, its table of contents, from blocks in any order. Entries stand in pooled pieces, so that growing
/// neither copies them nor leaves arrays behind that nobody else can use; nothing is allocated for a key. Not thread-safe. Disposing gives
/// the pieces back.
/// </summary>
/// <param name="algorithm">The algorithm of the digests.</param>
/// <param name="pack">The pack.</param>
/// <param name="sequence">The pack's sequence: nanoseconds since 1970 when it was begun or closed.</param>
sealed class RunBuilder(HashAlgorithmId algorithm, PackId pack, ulong sequence) : IDisposable
{
    const int Piece = 1024;

    readonly List<IndexEntry[]> _pieces = [];
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
        if (_count == _pieces.Count * Piece)
            _pieces.Add(ArrayPool<IndexEntry>.Shared.Rent(Piece));
        _pieces[_count / Piece][_count % Piece] = new IndexEntry(BlockKey.Of(hash), location with { Pack = 0 });
        _count++;
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
        var entries = Gathered();
        EntrySort.Sort(entries);
        var writer = new RunWriter(output, algorithm, [new RunPack(pack, sequence, 0)], _count);
        foreach (ref readonly var entry in entries.AsSpan())
            writer.Add(entry.Key, entry.Location);
        return writer.Finish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var piece in _pieces)
            ArrayPool<IndexEntry>.Shared.Return(piece);
        _pieces.Clear();
        _count = 0;
    }

    // Once for each pack; the collector takes it.
    IndexEntry[] Gathered()
    {
        var entries = new IndexEntry[_count];
        for (var at = 0; at < _count; at += Piece)
            _pieces[at / Piece].AsSpan(0, Math.Min(Piece, _count - at)).CopyTo(entries.AsSpan(at));
        return entries;
    }
}
