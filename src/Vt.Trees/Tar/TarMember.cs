using Vt.Blocks.BlockTree;

namespace Vt.Trees.Tar;

/// <summary>A member: its headers, its content and the padding behind it. Safe from any thread.</summary>
/// <param name="Start">The place before it.</param>
/// <param name="Head">The headers.</param>
/// <param name="Content">Reads the content; null of a member without any.</param>
/// <param name="Sparse">Where the content has data, of one with holes.</param>
/// <param name="BodyLength">How many bytes follow the headers, without the padding.</param>
sealed record TarMember(TarCursor Start, byte[] Head, BlockTreeReader? Content, SparseMap? Sparse, long BodyLength)
{
    /// <summary>Where the next member starts.</summary>
    public long End => Start.Offset + Head.Length + TarHeader.Pad(BodyLength);

    /// <summary>Reads some of it.</summary>
    /// <param name="offset">From where, in bytes from the start of the archive; within the member.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>As many as fit and are there.</returns>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        destination = destination[..(int)Math.Min(destination.Length, End - offset)];
        var done = 0;
        while (done < destination.Length)
            done += await ReadPartAsync(offset + done - Start.Offset, destination[done..], cancellationToken);
        return done;
    }

    async ValueTask<int> ReadPartAsync(long at, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (at < Head.Length)
            return Copy(Head, at, destination.Span);
        at -= Head.Length;
        if (at >= BodyLength)
        {
            destination.Span.Clear();
            return destination.Length;
        }

        if (Sparse is null)
            return await ReadContentAsync(at, BodyLength - at, destination, cancellationToken);
        if (at < Sparse.Text.Length)
            return Copy(Sparse.Text, at, destination.Span);
        var (offset, length) = Sparse.Find(at - Sparse.Text.Length);
        return await ReadContentAsync(offset, length, destination, cancellationToken);
    }

    ValueTask<int> ReadContentAsync(long offset, long length, Memory<byte> destination, CancellationToken cancellationToken) =>
        Content!.ReadAsync(offset, destination[..(int)Math.Min(destination.Length, length)], cancellationToken);

    static int Copy(byte[] from, long at, Span<byte> destination)
    {
        var count = (int)Math.Min(destination.Length, from.Length - at);
        from.AsSpan((int)at, count).CopyTo(destination);
        return count;
    }
}
