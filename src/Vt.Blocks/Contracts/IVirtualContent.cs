namespace Vt.Blocks.Contracts;

/// <summary>Content that is made while it is read, and whose length is known before. Safe from any thread.</summary>
public interface IVirtualContent
{
    /// <summary>How many bytes there are.</summary>
    long Length { get; }

    /// <summary>Reads some of it; the same bytes whenever and in whatever order it is read.</summary>
    /// <param name="offset">From where, 0 or more.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <param name="cancellationToken">Gives up; what was read until then is undefined.</param>
    /// <returns>As many bytes as fit and are there: 0 at and behind the end.</returns>
    /// <exception cref="BlockMissingException">A block that is needed is not in the store.</exception>
    /// <exception cref="BlockCorruptException">A block is damaged.</exception>
    ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default);
}
