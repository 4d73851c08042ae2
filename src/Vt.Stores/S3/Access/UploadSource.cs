namespace Vt.Stores.S3.Access;

/// <summary>Bytes that are uploaded in pieces. Safe from any thread.</summary>
abstract class UploadSource
{
    /// <summary>Reads a piece.</summary>
    /// <param name="offset">From where.</param>
    /// <param name="into">Filled.</param>
    public abstract void Read(long offset, Span<byte> into);
}
