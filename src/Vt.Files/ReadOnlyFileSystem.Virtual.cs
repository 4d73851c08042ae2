using Vt.Files.Inodes;
using Vt.Posix;

namespace Vt.Files;

/// <content>Files that every folder has and no listing shows.</content>
public sealed partial class ReadOnlyFileSystem
{
    /// <summary>Whether a name is that of a virtual file, unless the folder has an entry of this name.</summary>
    public bool IsVirtualName(ReadOnlySpan<byte> name) => _virtual.FormatOf(name) is not null;

    /// <summary>Finds a folder's virtual file; the caller holds a lookup of it. For who owns the mount: it holds all that is below the folder.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="name">A name that <see cref="IsVirtualName"/> knows.</param>
    /// <param name="cancellationToken">Gives up: measuring a folder takes as long as listing all that is below it.</param>
    public ValueTask<Outcome<FoundNode>> LookupVirtualAsync(NodeId directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken = default) =>
        GuardAsync<FoundNode>(directory, "measuring an archive", async () =>
        {
            var dirent = await DirentAsync(directory, cancellationToken);
            var opened = await OpenAsync(directory, cancellationToken);
            if (!dirent.Succeeded || !opened.Succeeded)
                return dirent.Succeeded ? opened.Error : dirent.Error;

            // A listing of states lies in a store of its own, and is no tree.
            if (_virtual.FormatOf(name.Span) is not { } format || opened.Value.Reader != _directories)
                return Errno.ENOENT;
            return await _virtual.EnterAsync(format, dirent.Value with { Inodes = opened.Value.Inodes }, cancellationToken);
        });
}
