using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.References;

/// <summary>The store that a command reads, and the trees in it.</summary>
sealed class OpenTrees : IAsyncDisposable
{
    const int LongestTarget = 4096;

    readonly CommandContext _context;

    OpenTrees(IBlockStore store, CommandContext context)
    {
        Store = store;
        Directories = new DirectoryReader(store, new DirectoryNodeCache());
        _context = context;
    }

    /// <summary>The store.</summary>
    public IBlockStore Store { get; }

    /// <summary>Reads its directories.</summary>
    public DirectoryReader Directories { get; }

    /// <summary>Opens the store that the settings name, to be read.</summary>
    public static async Task<OpenTrees> OpenAsync(CommandContext context, CancellationToken cancellationToken) =>
        new(await context.OpenStoreAsync(isReadOnly: true, cancellationToken), context);

    /// <summary>Finds what a reference names.</summary>
    /// <returns>
    /// The entry, of a hard link the inode, with the inode table of the tree that it is in; and its path in that tree.
    /// </returns>
    /// <exception cref="UserErrorException">The text is no reference, or there is nothing of that name.</exception>
    public async ValueTask<(Dirent Entry, byte[] Path)> FindAsync(string text, CancellationToken cancellationToken)
    {
        var reference = _context.ParseReference(text);
        return (await reference.ResolveAsync(Directories, _context.Surroundings.Clock, cancellationToken), reference.SubPath.ToArray());
    }

    /// <summary>A symbolic link's target.</summary>
    public async ValueTask<byte[]> TargetOfAsync(Dirent link, CancellationToken cancellationToken)
    {
        if (link.Size > LongestTarget)
            throw new FormatInvalidException($"a symbolic link's target has {link.Size} bytes, over the limit of {LongestTarget}");
        var target = new byte[link.Size];
        await new BlockTreeReader(Store, link.Content).ReadAsync(0, target, cancellationToken);
        return target;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
