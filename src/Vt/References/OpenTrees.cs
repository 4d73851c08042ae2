using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Commands;
using Vt.Output;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Versions;

namespace Vt.References;

/// <summary>The store that a command reads, and the trees in it.</summary>
sealed class OpenTrees : IAsyncDisposable
{
    const int LongestTarget = 4096;

    readonly CommandContext _context;
    readonly VolumeTrees _volumes;
    readonly HashSet<string> _warnedOf = new(StringComparer.Ordinal);

    OpenTrees(IBlockStore store, CommandContext context)
    {
        Store = store;
        Directories = new DirectoryReader(store, new DirectoryNodeCache());
        _context = context;
        _volumes = new VolumeTrees(context, store);
    }

    /// <summary>The store.</summary>
    public IBlockStore Store { get; }

    /// <summary>Reads its directories.</summary>
    public DirectoryReader Directories { get; }

    /// <summary>The volume that revisions without one are of; null for the one that the environment says, else the current one.</summary>
    public string? Volume
    {
        get => _volumes.Usual;
        set => _volumes.Usual = value;
    }

    /// <summary>A reference to the tree that is worked on in that volume.</summary>
    /// <exception cref="UserErrorException">There is none of that name, or no current one.</exception>
    public ValueTask<string> FindWorkedOnAsync(CancellationToken cancellationToken) => _volumes.FindWorkedOnAsync(cancellationToken);

    /// <summary>A reference to the tree of its last commit.</summary>
    /// <exception cref="UserErrorException">There is none of that name, no current one, or no commit in it.</exception>
    public ValueTask<string> FindLastCommitAsync(CancellationToken cancellationToken) => _volumes.FindLastCommitAsync(cancellationToken);

    /// <summary>Opens the store that the settings name, to be read.</summary>
    public static Task<OpenTrees> OpenAsync(CommandContext context, CancellationToken cancellationToken) => OpenAsync(context, isReadOnly: true, cancellationToken);

    /// <summary>Opens the store that the settings name.</summary>
    /// <param name="context">The command.</param>
    /// <param name="isReadOnly">Whether nothing will be added to it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<OpenTrees> OpenAsync(CommandContext context, bool isReadOnly, CancellationToken cancellationToken) =>
        new(await context.OpenStoreAsync(isReadOnly, cancellationToken), context);

    /// <summary>The trees in a store that is open already, which is disposed with them.</summary>
    public static OpenTrees Of(CommandContext context, IBlockStore store) => new(store, context);

    /// <summary>Finds what a reference names.</summary>
    /// <returns>
    /// The entry, of a hard link the inode, with the inode table of the tree that it is in; and its path in that tree.
    /// </returns>
    /// <exception cref="UserErrorException">The text is no reference, or there is nothing of that name.</exception>
    public async ValueTask<(Dirent Entry, byte[] Path)> FindAsync(string text, CancellationToken cancellationToken)
    {
        var reference = _context.ParseReference(await TextOfAsync(text, cancellationToken));
        await WarnOfLostStatesAsync(reference.ArchivePath, cancellationToken);
        return (await reference.ResolveAsync(Directories, _context.Surroundings.Clock, cancellationToken), reference.SubPath.ToArray());
    }

    /// <summary>A reference in which a volume, a commit or a tree that the store has a name for is replaced by the text of the tree that is meant; any other as it is.</summary>
    /// <exception cref="UserErrorException">There is no such commit, or a URI is none or names what is not there.</exception>
    public async ValueTask<string> TextOfAsync(string text, CancellationToken cancellationToken) =>
        VtUri.IsOne(text) ? await new UriResolver(_context, Store, _volumes).TextOfAsync(VtUri.Parse(text), cancellationToken)
        : await _volumes.TryFindAsync(text, cancellationToken) ?? await new NamedTrees(_context, Store).TryFindAsync(text, cancellationToken) ?? text;

    /// <summary>Every state of the archive that a reference names.</summary>
    /// <param name="text">The reference.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where it names one state, a path in it, or something else.</returns>
    /// <exception cref="UserErrorException">The text is no reference, or there is nothing of that name.</exception>
    public async ValueTask<IReadOnlyList<ArchiveState>?> FindStatesAsync(string text, CancellationToken cancellationToken)
    {
        var reference = _context.ParseReference(await TextOfAsync(text, cancellationToken));
        return reference is { ArchivePath: { } path, Date: null, SubPath.IsEmpty: true } ? _context.ArchiveAt(path).ReadAll().States : null;
    }

    /// <summary>What a tree may be called where it goes elsewhere: of an archive its file's name, with what stands behind it; of a text what stands behind that.</summary>
    public string NameOf(string text)
    {
        if (VtUri.IsOne(text))
            return VtUri.Parse(text).Path is [.., var last] ? LosslessText.FromBytes(last) : "tree";
        if (text is [_, '{', ..])
            return text[(text.LastIndexOf('}') + 1)..].Trim('/') is { Length: > 0 } path ? path : "tree";
        var reference = _context.ParseReference(text);
        return reference.ArchivePath is { } archive && reference.Text.StartsWith(archive, StringComparison.Ordinal)
            ? Path.GetFileName(archive) + reference.Text[archive.Length..]
            : text;
    }

    /// <summary>
    /// Says on standard error that an archive has lost its newest states, so that nobody takes an older one for them; once for each archive, and nothing
    /// where the store can't tell.
    /// </summary>
    /// <param name="archive">The archive's path; null where no archive is meant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask WarnOfLostStatesAsync(string? archive, CancellationToken cancellationToken)
    {
        if (archive is null || Store is not IRefStore refs || !_warnedOf.Add(archive))
            return;
        try
        {
            var lost = await _context.ArchiveAt(archive).FindLostAsync(refs, cancellationToken);
            if (lost.Count > 0)
                _context.Messages.Say($"{archive} has lost its newest state, of {DirentText.DateOf(lost[^1].State.Date)}; see vt fsck {archive}");
        }
        catch (Exception failure) when (failure is UserErrorException or FormatInvalidException or StoreUnavailableException or IOException)
        {
            // Whoever reads the archive next says what is wrong with it, and vt datadir verify what is with the store.
        }
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
