using Vt.Posix;

namespace Vt.Stores.DataDir.Index;

/// <summary>Writes a run into a file.</summary>
/// <param name="file">The file; stays the caller's, who also syncs it.</param>
/// <param name="start">Where in the file the run starts, in bytes; a multiple of 64 keeps filter blocks within cache lines.</param>
sealed class FileRunOutput(FileDescriptor file, long start) : RunOutput
{
    public override void Write(long offset, ReadOnlySpan<byte> bytes) => PosixFile.PwriteFully(file, bytes, start + offset);
}
