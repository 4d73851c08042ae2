using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;
using Vt.Volumes.Commits;

namespace Vt.Hosts.HttpServer;

/// <summary>Answers for what is named by itself: content by its reference (/i/), trees by their text (/d/). Such an address never stands for anything else.</summary>
sealed class ReferenceHandler(HttpSite site, TreeHandler trees)
{
    /// <summary>Answers for /i/REFERENCE and /i/REFERENCE/NAME, of which the name says type and what it is saved as.</summary>
    public async Task HandleContentAsync(Exchange exchange)
    {
        exchange.AllowReading();
        var path = exchange.Path;
        if (path.Count is < 2 or > 3)
            throw RefusalException.NotFound("content is /i/ and its reference: a block's name, or the text of a reference");
        var reference = await FindContentAsync(path.TextAt(1), exchange.Aborted);
        var name = path.Count == 3 ? path.NameAt(2) : [];
        var type = MediaTypes.OfName(name) ?? await TreeHandler.TypeOfContentAsync(site, reference, exchange.Aborted);
        await site.Sender.SendAsync(exchange, ServedContent.Of(site, reference, type) with
        {
            IsImmutable = true,
            SaveAs = exchange.Query("download") is null ? default : name.Length > 0 ? name : "content"u8.ToArray(),
        });
    }

    /// <summary>Answers for /d/TREE/PATH, where the tree is a dirent's text, a directory's reference, or the name of a block with a commit, a dirent or a directory.</summary>
    public async Task HandleTreeAsync(Exchange exchange)
    {
        exchange.AllowReading();
        var path = exchange.Path;
        if (exchange.QueryText.Length == 0 && site.Served.Find(path.Raw) is { } served)
        {
            await site.Sender.SendAsync(exchange, served);
            return;
        }

        if (path.Count < 2)
            throw RefusalException.NotFound("a tree is /d/ and its text: a dirent, the reference of a directory, or the name of a block that holds one");
        var root = await FindRootAsync(path.TextAt(1), exchange.Aborted);
        var name = ShownText.Name(root.Name.Span);
        var label = name.Length > 0 ? name : "tree";
        await trees.HandleAsync(exchange, new TreeView(root, 2, IsImmutable: true, [(path.Before(2), label)]) { Name = label });
    }

    async ValueTask<BlockRef> FindContentAsync(string text, CancellationToken cancellationToken)
    {
        if (BlockRef.TryParse(text, out var reference))
            return reference;
        if (!BlockHash.TryParse(text, out var hash))
            throw RefusalException.NotFound("that is no reference: neither a block's name nor the text of a reference");
        using var lease = await site.Store.GetAsync(hash, cancellationToken);
        if (!lease.IsPresent)
            throw RefusalException.NotFound($"the store has no block {hash}");
        return lease.Memory.IsEmpty ? BlockRef.Empty : BlockRef.Direct(hash, lease.Memory.Length);
    }

    async ValueTask<Dirent> FindRootAsync(string text, CancellationToken cancellationToken)
    {
        if (BlockHash.TryParse(text, out var hash))
            return await LoadRootAsync(hash, cancellationToken);
        try
        {
            return BlockRef.TryParse(text, out var content) ? new Dirent { Kind = DirentKind.Directory, Content = content } : Dirent.Parse(text);
        }
        catch (FormatInvalidException fault)
        {
            throw RefusalException.NotFound($"that is no tree's text: {fault.What} at character {fault.Offset + 1}");
        }
    }

    async ValueTask<Dirent> LoadRootAsync(BlockHash hash, CancellationToken cancellationToken)
    {
        using var lease = await site.Store.GetAsync(hash, cancellationToken);
        if (!lease.IsPresent)
            throw RefusalException.NotFound($"the store has no block {hash}");
        try
        {
            return Commit.Decode(lease.Span).Root;
        }
        catch (FormatInvalidException)
        {
            // It may be something else.
        }

        try
        {
            return Dirent.Decode(lease.Span);
        }
        catch (FormatInvalidException)
        {
            return new Dirent { Kind = DirentKind.Directory, Content = lease.Memory.IsEmpty ? BlockRef.Empty : BlockRef.Direct(hash, lease.Memory.Length) };
        }
    }
}
