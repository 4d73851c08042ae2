namespace Vt.Files.BackedFiles;

sealed partial class BackedFile
{
    // Fewer zeros than this are data, as in the store.
    const int ShortestHole = Blocks.BlockTree.IChunkCutter.MinimumRun;

    // How many parts are looked at between taking the gate and letting it go.
    const int PartsAtOnce = 512;

    /// <summary>
    /// Reads bytes as they are at the moment of the call, short only at the file's end. Completes at once where no
    /// bytes come from the store.
    /// </summary>
    /// <param name="offset">Where from, 0 or more.</param>
    /// <param name="destination">Receives them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Blocks.Contracts.BlockMissingException">The store does not have a block that is needed.</exception>
    /// <exception cref="Blocks.Contracts.BlockCorruptException">A block isn't what its name or the tree says.</exception>
    /// <exception cref="Posix.PosixException">The log can't be read.</exception>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ReadPlan plan;
        lock (Gate)
            plan = ReadPlan.Of(Layers, offset, destination.Length, _sources.Front);
        return ReadAsync(plan, offset, destination, _sources, mayBeFlat: true, cancellationToken);
    }

    /// <summary>The next byte at or behind an offset that isn't in a hole, as lseek(2) with SEEK_DATA; no data is read.</summary>
    /// <returns>Its offset, or null where only a hole, or nothing, follows.</returns>
    public ValueTask<long?> SeekDataAsync(long offset, CancellationToken cancellationToken = default) =>
        SeekAsync(offset, hole: false, cancellationToken);

    /// <summary>The next hole at or behind an offset, as lseek(2) with SEEK_HOLE; the file's end counts as one.</summary>
    /// <returns>Its offset, or null where the offset is not within the file.</returns>
    public ValueTask<long?> SeekHoleAsync(long offset, CancellationToken cancellationToken = default) =>
        SeekAsync(offset, hole: true, cancellationToken);

    /// <summary>Does what a plan says and releases it. Flat copies serve only where the bytes are not going to be stored.</summary>
    internal static ValueTask<int> ReadAsync(
        ReadPlan plan, long offset, Memory<byte> destination, ContentSources sources, bool mayBeFlat, CancellationToken cancellationToken)
    {
        var isHandedOn = false;
        try
        {
            for (var i = 0; i < plan.Parts.Length; i++)
            {
                var part = plan.Parts[i];
                if (TryFill(part, destination.Span.Slice((int)(part.Offset - offset), (int)part.Length), sources, mayBeFlat))
                    continue;
                isHandedOn = true;
                return FinishAsync(plan, i, offset, destination, sources, mayBeFlat, cancellationToken);
            }

            return new ValueTask<int>(plan.Length);
        }
        finally
        {
            if (!isHandedOn)
                plan.Release();
        }
    }

    static bool TryFill(in Extent part, Span<byte> destination, ContentSources sources, bool mayBeFlat) =>
        sources.TryFill(part, destination) || (mayBeFlat && sources.TryFillFlat(part, destination));

    static async ValueTask<int> FinishAsync(
        ReadPlan plan, int next, long offset, Memory<byte> destination, ContentSources sources, bool mayBeFlat, CancellationToken cancellationToken)
    {
        try
        {
            for (; next < plan.Parts.Length; next++)
            {
                var part = plan.Parts[next];
                var room = destination.Slice((int)(part.Offset - offset), (int)part.Length);
                if (!TryFill(part, room.Span, sources, mayBeFlat))
                    await sources.FillAsync(part, room, cancellationToken);
            }

            return plan.Length;
        }
        finally
        {
            plan.Release();
        }
    }

    async ValueTask<long?> SeekAsync(long offset, bool hole, CancellationToken cancellationToken)
    {
        long size;
        lock (Gate)
            size = Size;
        if (offset < 0 || offset >= size)
            return null;

        // Zeros that began before the offset may make a hole with those behind it.
        var at = Math.Max(0, offset - ShortestHole + 1);
        var parts = new List<Extent>();
        var zeros = new Extent(at, 0, ExtentSource.Zero, 0);
        while (true)
        {
            parts.Clear();
            lock (Gate)
            {
                size = Size;
                for (var walk = Layers.Walk(at, size); parts.Count < PartsAtOnce && walk.MoveNext();)
                    parts.Add(walk.Current);
            }

            foreach (var part in parts)
            {
                at = part.End;
                if (part.Source.Kind == ExtentSourceKind.Zero)
                {
                    zeros = zeros.Length == 0 ? part : zeros with { Length = part.End - zeros.Offset };
                    continue;
                }

                if (InZeros(zeros, offset, hole) is { } inZeros)
                    return inZeros;
                zeros = new Extent(part.End, 0, ExtentSource.Zero, 0);
                if (part.End > offset && await InPartAsync(part, Math.Max(part.Offset, offset), hole, cancellationToken) is { } inPart)
                    return inPart;
            }

            if (parts.Count < PartsAtOnce)
                return InZeros(zeros, offset, hole) ?? (hole ? size : null);
        }
    }

    static long? InZeros(in Extent zeros, long offset, bool hole) =>
        zeros.End > offset && zeros.Length > 0 && zeros.Length >= ShortestHole == hole ? Math.Max(zeros.Offset, offset) : null;

    async ValueTask<long?> InPartAsync(Extent part, long from, bool hole, CancellationToken cancellationToken)
    {
        if (part.Source.Kind == ExtentSourceKind.Log)
            return hole ? null : from;
        var inContent = part.Source.Plus(from - part.Offset).ContentOffset;
        await foreach (var leaf in _sources.Open(part.Source.Content).GetLeavesAsync(inContent, part.End - from, cancellationToken))
        {
            if (leaf.IsHole == hole)
                return from + (leaf.Offset - inContent);
        }

        return null;
    }
}
