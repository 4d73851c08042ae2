using Vt.Posix;

namespace Vt.Stores.S3.Access;

/// <summary>Bytes of a file.</summary>
/// <param name="file">The file; stays the caller's.</param>
sealed class FileSource(FileDescriptor file) : UploadSource
{
    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> into) => PosixFile.PreadFully(file, into, offset);
}
