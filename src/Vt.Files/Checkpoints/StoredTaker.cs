using Vt.Blocks.BlockTree;
using Vt.Files.BackedFiles;
using Vt.Files.Inodes;

namespace Vt.Files.Checkpoints;

/// <summary>
/// Lets a file have what a snapshot had from the store, and says so to who replays the log, before the file lets go of the bytes there.
/// </summary>
/// <param name="inode">The file; the caller is within all its gates.</param>
/// <param name="file">Its content.</param>
/// <param name="snapshot">What was stored; ends.</param>
/// <param name="stored">As what.</param>
/// <param name="holes">How many of its bytes lie in holes; null if not known.</param>
/// <exception cref="Posix.PosixException">The log can't take it: the file has its bytes where they were.</exception>
delegate void StoredTaker(Inode inode, BackedFile file, ContentSnapshot snapshot, BlockRef stored, long? holes);
