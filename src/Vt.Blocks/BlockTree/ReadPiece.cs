namespace Vt.Blocks.BlockTree;

/// <summary>Reads bytes of a piece of content that lies outside the store.</summary>
/// <param name="offset">Where from, in bytes from the piece's start.</param>
/// <param name="destination">To be filled whole; lies within the piece.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask ReadPiece(long offset, Memory<byte> destination, CancellationToken cancellationToken);
