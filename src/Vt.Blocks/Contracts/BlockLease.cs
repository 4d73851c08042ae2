namespace Vt.Blocks.Contracts;

/// <summary>
/// A block's bytes, lent by a store. The holder disposes it exactly once and does not touch the bytes after that. The
/// default value stands for a block that the store does not have; disposing that does nothing.
/// </summary>
/// <param name="Memory">The bytes; empty for an absent block and for the empty block.</param>
/// <param name="Owner">What is told when the bytes are no longer used; null of bytes that need no owner.</param>
/// <param name="IsPresent">Whether the store has the block.</param>
public readonly record struct BlockLease(ReadOnlyMemory<byte> Memory, IBlockOwner? Owner, bool IsPresent = true) : IDisposable
{
    /// <summary>The bytes as a span.</summary>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <inheritdoc/>
    public void Dispose() => Owner?.Release();
}
