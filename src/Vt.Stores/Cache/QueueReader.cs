using Vt.Posix;
using Vt.Stores.DataDir;
using Vt.Stores.DataDir.Packs;

namespace Vt.Stores.Cache;

/// <summary>Goes through what is queued in one segment, frame by frame in the order in which it came. Not thread-safe.</summary>
sealed class QueueReader : IDisposable
{
    readonly DataDirConfig _config;
    readonly FileDescriptor _file;
    readonly PackScanner _scanner;
    readonly uint _seed;

    /// <summary>Opens a segment.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="config">What it was made for.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="from">The position to start at; before the segment means its start.</param>
    /// <param name="end">The position to stop at; null goes on to the file's end.</param>
    /// <exception cref="PosixException">It can't be read.</exception>
    public QueueReader(CacheFiles files, DataDirConfig config, uint segment, ulong from, ulong? end)
    {
        var id = CacheFiles.IdOf(CacheFiles.PrefixOf(config), segment);
        _config = config;
        _file = PosixFile.Open(files.Layout.OpenPack(id), OpenFlags.O_RDONLY);
        var start = (uint)(from >> 32) == segment ? Math.Max((uint)from, PackHeader.Size) : PackHeader.Size;
        long stop = PosixFile.Fstat(_file).Size & -FrameHeader.Alignment;
        if (end is { } last && (uint)(last >> 32) == segment)
            stop = Math.Min(stop, (uint)last);
        stop = Math.Max(start, stop);
        _seed = PackHeader.SeedOf(id);
        _scanner = new PackScanner(_file, _seed, start, stop, checkPayloads: true);
        Segment = segment;
    }

    /// <summary>The segment.</summary>
    public uint Segment { get; }

    /// <summary>The frame that was found.</summary>
    public FoundFrame Frame => _scanner.Frame;

    /// <summary>Where the search went on from, when bytes before the frame, or before the end, belong to no whole frame.</summary>
    public long Skipped => _scanner.Skipped;

    /// <summary>Where the next frame starts.</summary>
    public long Position => _scanner.Position;

    /// <summary>Goes to the next whole frame.</summary>
    /// <returns>False at the end.</returns>
    public bool MoveNext(CancellationToken cancellationToken) => _scanner.MoveNext(cancellationToken);

    /// <summary>A block of the frame.</summary>
    public FrameBlock BlockAt(int ordinal) => FrameBlock.Read(FrameHeader.Row(_scanner.Header, ordinal), _config.Hash);

    /// <summary>The blocks that frames in a damaged range say they have, as far as their headers can be read.</summary>
    public List<FrameBlock> ListDamaged(long start, long end, CancellationToken cancellationToken)
    {
        var blocks = new List<FrameBlock>();
        using var scanner = new PackScanner(_file, _seed, start, end, checkPayloads: false);
        while (scanner.MoveNext(cancellationToken))
        {
            for (var i = 0; i < scanner.Frame.Header.Blocks; i++)
                blocks.Add(FrameBlock.Read(FrameHeader.Row(scanner.Header, i), _config.Hash));
        }

        return blocks;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scanner.Dispose();
        _file.Dispose();
    }
}
