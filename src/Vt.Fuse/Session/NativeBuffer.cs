using System.Buffers;

namespace Vt.Fuse.Session;

/// <summary>Shows native memory, which somebody else frees, as <see cref="Memory{T}"/>.</summary>
sealed unsafe class NativeBuffer(byte* start, int length) : MemoryManager<byte>
{
    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(start, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
