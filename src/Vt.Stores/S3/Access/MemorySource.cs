namespace Vt.Stores.S3.Access;

/// <summary>Bytes in memory.</summary>
/// <param name="bytes">They.</param>
sealed class MemorySource(ReadOnlyMemory<byte> bytes) : UploadSource
{
    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> into) => bytes.Span.Slice((int)offset, into.Length).CopyTo(into);
}
