using Vt.Blocks.Contracts;
using Vt.Commands;
using Vt.Output;
using Vt.Trees.Dirents;

namespace Vt.Ftp;

/// <summary>A session: a tree, the folder in it, a folder on the disk, perhaps a second store.</summary>
/// <param name="context">The command.</param>
/// <param name="tree">The tree; disposed with this.</param>
/// <param name="local">The folder on the disk.</param>
sealed class FtpSession(CommandContext context, FtpTree tree, LocalFolder local) : IAsyncDisposable
{
    IBlockStore? _peer;

    /// <summary>The command that it is.</summary>
    public CommandContext Context => context;

    /// <summary>Where results go.</summary>
    public ResultWriter Output => context.Output;

    /// <summary>The tree.</summary>
    public FtpTree Tree => tree;

    /// <summary>The folder in the tree.</summary>
    public byte[] Folder { get; set; } = tree.Home;

    /// <summary>The folder on the disk.</summary>
    public LocalFolder Local => local;

    /// <summary>Asks who types the session, yes or no; null where nobody does.</summary>
    public Func<string, CancellationToken, Task<bool>>? Ask { get; set; }

    /// <summary>Whether somebody has said that it ends.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Whether a part of what a command should do was not done; whoever runs commands sets it back.</summary>
    public bool IsPartial { get; set; }

    /// <summary>The second store.</summary>
    /// <exception cref="UserErrorException">None was chosen.</exception>
    public IBlockStore Peer => _peer ?? throw new UserErrorException("there is no peer: choose a store with peer SPEC");

    /// <summary>Whether there is a second store.</summary>
    public bool HasPeer => _peer is not null;

    /// <summary>Ends the session once the command is done.</summary>
    public void End() => IsEnded = true;

    /// <summary>Chooses the second store.</summary>
    public async ValueTask SetPeerAsync(IBlockStore peer)
    {
        if (_peer is not null)
            await _peer.DisposeAsync();
        _peer = peer;
    }

    /// <summary>What a word means as a path in the tree, wildcards taken for themselves.</summary>
    public byte[] Resolve(FtpWord word) => FtpPath.Resolve(Folder, word.Bytes);

    /// <summary>Finds what a word names.</summary>
    /// <exception cref="UserErrorException">There is nothing, or several.</exception>
    public async ValueTask<(byte[] Path, Dirent Entry)> FindOneAsync(FtpWord word, CancellationToken cancellationToken)
    {
        var found = await ExpandAsync([word], cancellationToken);
        return found.Count == 1 ? found[0] : throw new UserErrorException($"'{NameText.Of(word.Bytes)}' stands for {found.Count} names, and one is wanted");
    }

    /// <summary>Finds all that words name.</summary>
    /// <exception cref="UserErrorException">One names nothing.</exception>
    public async ValueTask<List<(byte[] Path, Dirent Entry)>> ExpandAsync(IEnumerable<FtpWord> words, CancellationToken cancellationToken)
    {
        var found = new List<(byte[], Dirent)>();
        foreach (var word in words)
        {
            foreach (var path in word.HasWildcards ? await GlobAsync(word, cancellationToken) : [Resolve(word)])
                found.Add((path, await tree.FindAsync(path, cancellationToken) ?? throw new UserErrorException($"there is no {FtpPath.Show(path)}")));
        }

        return found;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_peer is not null)
            await _peer.DisposeAsync();
        await tree.DisposeAsync();
    }

    async Task<List<byte[]>> GlobAsync(FtpWord word, CancellationToken cancellationToken)
    {
        var isAbsolute = word.Pattern is [(byte)'/', ..];
        var glob = new PathGlob(ListAsync, static (folder, name) => FtpPath.Below(folder, name), static folder => FtpPath.Split(folder).Folder is { } above && above.Length < folder.Length ? above : []);
        var found = await glob.ExpandAsync(isAbsolute ? [] : Folder, word.Pattern, cancellationToken);
        return found.Count > 0 ? found : throw new UserErrorException($"nothing matches '{NameText.Of(word.Bytes)}'");
    }

    async IAsyncEnumerable<(byte[] Name, bool IsFolder)> ListAsync(byte[] folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in tree.ListAsync(folder, cancellationToken))
            yield return (entry.Name.ToArray(), entry.Kind == DirentKind.Directory);
    }
}
