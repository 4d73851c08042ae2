using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;

namespace Vt.Hosts.HttpServer;

/// <summary>Shows what there is: volumes, archives, and what the store is.</summary>
sealed class FrontPage(HttpSite site, VolumeHandler volumes, ArchiveHandler archives)
{
    /// <summary>Answers.</summary>
    public async Task HandleAsync(Exchange exchange)
    {
        var page = new HtmlPage(site.Options.Title);
        page.Raw("<h1>").Text(site.Options.Title).Raw("</h1>\n");
        var foundVolumes = await volumes.ListAsync(exchange.Aborted);
        var foundArchives = await archives.ListAsync(exchange.Aborted);
        if (foundVolumes.Count > 0)
            VolumeHandler.WriteTable(page, foundVolumes);
        if (foundArchives.Count > 0)
            archives.WriteTable(page, foundArchives);
        if (foundVolumes.Count == 0 && foundArchives.Count == 0)
            page.Raw("<div class=\"card pad\">There is nothing here yet. <code>vt import</code> stores a tree, <code>vt volume init</code> makes a volume.</div>\n");
        WriteStore(page);
        await site.Sender.SendAsync(exchange, ServedContent.Page(page.Finish(), "text/html; charset=utf-8"));
    }

    void WriteStore(HtmlPage page)
    {
        page.Raw("<h2>The store</h2>\n<div class=\"card pad\"><dl><dt>Blocks are named by</dt><dd>").Raw(HashAlgorithms.NameOf(site.Store.Hasher.Algorithm))
            .Raw("</dd><dt>Average block</dt><dd>").Raw(ShownText.Size(site.Store.Chunking.Average)).Raw("</dd>");
        if ((site.Store as IStoreCapacity)?.GetCapacity() is { } capacity)
        {
            page.Raw("<dt>Blocks</dt><dd>").Raw(ShownText.Count(capacity.Blocks)).Raw("</dd><dt>They take</dt><dd>").Raw(ShownText.Size(capacity.StoredBytes)).Raw("</dd>");
        }

        page.Raw("<dt>Served</dt><dd>").Raw(site.Options.IsWritable ? "for reading and writing" : "for reading").Raw("</dd></dl></div>\n");
    }
}
