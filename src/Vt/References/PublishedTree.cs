using System.Runtime.CompilerServices;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;

namespace Vt.References;

/// <summary>
/// A file or folder that was stored to be told of: a folder that has it as its one entry, so that its address ends in its name. The reference <c>published/NAME-HEX</c>
/// keeps it.
/// </summary>
/// <param name="Reference">The reference's name.</param>
/// <param name="Top">The folder that has it.</param>
/// <param name="Entry">What is published.</param>
sealed record PublishedTree(string Reference, Dirent Top, Dirent Entry)
{
    /// <summary>What the references begin with.</summary>
    public const string Prefix = "published/";

    const int LongestName = 150;
    const int HexDigits = 12;

    /// <summary>Its address.</summary>
    /// <param name="authority">The store's; empty for none.</param>
    public VtUri UriAt(string authority)
    {
        // Without hard links the content's reference says it all.
        var reference = Top.Inodes.Span == 0 && Top.Content.Span > 0 ? Top.Content.ToString() : Top.ToString();
        return new VtUri(authority, reference, [Entry.Name.ToArray()], Entry.Kind == DirentKind.Directory);
    }

    /// <summary>Keeps what was stored.</summary>
    /// <param name="store">Has it; keeps references.</param>
    /// <param name="root">What was stored, with the inode table of its tree.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up before the reference is made.</param>
    /// <returns>It, when it is durable and kept.</returns>
    /// <exception cref="UserErrorException">The store keeps no references.</exception>
    public static async Task<PublishedTree> MakeAsync(IBlockStore store, Dirent root, byte[] name, CancellationToken cancellationToken)
    {
        var references = store as IRefStore ?? throw new UserErrorException($"{store.Description} keeps no references: what was published there would be collected one day");
        var entry = root with { Name = name, Inodes = BlockRef.Empty };
        using var batch = new TreeBatch(store);
        using var builder = new DirectoryBuilder(batch);
        await builder.AddAsync(entry, cancellationToken);
        var top = new Dirent { Kind = DirentKind.Directory, Content = (await builder.CompleteAsync(cancellationToken)).Content, Inodes = root.Inodes };
        await batch.DrainAsync(cancellationToken);

        // Durable before anybody is told of it.
        await store.FlushAsync(cancellationToken);
        var published = new PublishedTree(ReferenceOf(store, top, name), top, entry);
        while (await references.ReadAsync(published.Reference, cancellationToken) is var current && current != top.ToString())
        {
            if (await references.TryMoveAsync(published.Reference, current, top.ToString(), "published", cancellationToken))
                break;
        }

        return published;
    }

    /// <summary>All that is published, and when it was.</summary>
    /// <exception cref="UserErrorException">The store keeps no references.</exception>
    public static async IAsyncEnumerable<(PublishedTree Tree, DateTimeOffset When)> ListAsync(IBlockStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var references = store as IRefStore ?? throw new UserErrorException($"{store.Description} keeps no references");
        var directories = new DirectoryReader(store, new DirectoryNodeCache());
        await foreach (var reference in references.ListAsync(Prefix, cancellationToken))
        {
            if (await references.ReadAsync(reference, cancellationToken) is not { } value || !Dirent.TryParse(value, out var top))
                continue;
            var when = DateTimeOffset.UnixEpoch;
            await foreach (var movement in references.ReadLogAsync(reference, cancellationToken))
                when = movement.When;
            await foreach (var entry in directories.EnumerateAsync(top.Content, cancellationToken: cancellationToken))
                yield return (new PublishedTree(reference, top, entry), when);
        }
    }

    static string ReferenceOf(IBlockStore store, Dirent top, byte[] name)
    {
        var clean = string.Concat(name.Select(static b => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'+' ? (char)b : '_'));
        return $"{Prefix}{clean[..Math.Min(clean.Length, LongestName)]}-{Convert.ToHexStringLower(store.Hasher.Hash(top.Encode()).Digest)[..HexDigits]}";
    }
}
