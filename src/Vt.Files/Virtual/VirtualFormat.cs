using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Tar;

namespace Vt.Files.Virtual;

/// <summary>A file that every folder has and no listing shows: the folder in some format.</summary>
/// <param name="Name">Its name: one that nobody would use for anything else, since a program that wants to make a file of this name finds one.</param>
/// <param name="MakeAsync">Makes its content of a stored folder, which has the inode table of its tree.</param>
public sealed record VirtualFormat(ReadOnlyMemory<byte> Name, Func<DirectoryReader, Dirent, CancellationToken, ValueTask<IVirtualContent>> MakeAsync)
{
    /// <summary>The folder as a tar archive: <c>.vt-archive.tar</c>.</summary>
    public static VirtualFormat Tar { get; } = new(
        ".vt-archive.tar"u8.ToArray(), static async (directories, folder, cancellationToken) => await TarArchive.CreateAsync(directories, folder, cancellationToken));
}
