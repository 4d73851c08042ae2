using Vt.Posix;
using Vt.Stores.DataDir.Disk;
using Vt.Stores.DataDir.Index;

namespace Vt.Stores.DataDir.Packs;

/// <summary>Writes a table of contents into a pack, past the crash tests' hook.</summary>
/// <param name="disk">Writes it.</param>
/// <param name="file">The pack.</param>
/// <param name="path">Its name.</param>
/// <param name="start">Where the table starts.</param>
sealed class PackRunOutput(DiskWriter disk, FileDescriptor file, string path, long start) : RunOutput
{
    public override void Write(long offset, ReadOnlySpan<byte> bytes) => disk.Write(file, path, bytes, start + offset);
}
