using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;

namespace Vt.Hosts.HttpServer;

/// <summary>Shows a folder: as a page for people, as JSON or as lines for programs.</summary>
sealed class FolderPage(HttpSite site)
{
    const int LongestReadme = 64 << 10;

    static readonly byte[][] _readmes = [[.. "README.md"u8], [.. "README"u8], [.. "README.txt"u8], [.. "readme.md"u8], [.. "readme.txt"u8]];

    /// <summary>Answers.</summary>
    public async Task SendAsync(Exchange exchange, TreeView view, Dirent folder)
    {
        var listing = await FolderListing.ReadAsync(site.Directories, view.Root, folder, exchange);
        var content = FolderForm.Of(exchange) switch
        {
            "json" => ServedContent.Page(WriteJson(listing), "application/json"),
            "text" => ServedContent.Page(WriteText(listing), "text/plain; charset=utf-8"),
            _ => ServedContent.Page(await WriteHtmlAsync(exchange, view, folder, listing), "text/html; charset=utf-8"),
        };
        exchange.Response.Headers.Vary = "Accept, Accept-Encoding";
        await site.Sender.SendAsync(exchange, content);
    }

    async Task<byte[]> WriteHtmlAsync(Exchange exchange, TreeView view, Dirent folder, FolderListing listing)
    {
        var path = exchange.Path;
        var crumbs = new List<(string? Url, string Label)>(view.Crumbs);
        for (var i = view.First; i < path.Count; i++)
            crumbs.Add((path.Before(i + 1), ShownText.Name(path.Decode(i))));
        var title = crumbs[^1].Label;
        crumbs[^1] = (null, title);
        var page = new HtmlPage($"{title} – vt", crumbs);
        if (path.Count == view.First)
            view.Banner?.Invoke(page);
        WriteBar(page, listing);
        if (listing.Total == 0)
            page.Raw("<div class=\"card pad dim\">This folder is empty.</div>\n");
        else
            await WriteTableAsync(page, listing, path.Count > view.First, exchange.Aborted);
        WritePages(page, listing);
        if (listing.From == 0)
            await WriteReadmeAsync(page, view.Root, folder, exchange.Aborted);
        return page.Finish();
    }

    static void WriteBar(HtmlPage page, FolderListing listing)
    {
        page.Raw("<div class=bar><span>").Raw(ShownText.Count(listing.Total)).Raw(listing.Total == 1 ? " entry" : " entries");
        if (listing.Folders > 0)
            page.Raw(", ").Raw(ShownText.Count(listing.Folders)).Raw(listing.Folders == 1 ? " folder" : " folders").Raw(" among them");
        page.Raw("</span>");
        if (listing.IsTooLarge)
            page.Raw("<span>too many to be sorted by anything but the name</span>");
        if (listing.Total > 0)
            page.Raw("<a href=\"?archive=tar\" title=\"Everything in this folder, with its metadata\">Download as tar</a>");
        page.Raw("<a href=\"?format=json\">JSON</a></div>\n");
    }

    async Task WriteTableAsync(HtmlPage page, FolderListing listing, bool hasParent, CancellationToken cancellationToken)
    {
        page.Raw("<div class=card><table>\n<thead><tr>");
        foreach (var (order, label, style) in ((string, string, string)[])[("name", "Name", "name"), ("size", "Size", "num"), ("time", "Changed", "when")])
        {
            var isThis = listing.Order == order;
            var direction = isThis && !listing.IsDescending ? "&amp;order=desc" : "";
            page.Raw($"<th scope=col class={style}{(isThis ? listing.IsDescending ? " aria-sort=descending" : " aria-sort=ascending" : "")}><a href=\"?sort={order}{direction}\">{label}")
                .Raw(isThis ? listing.IsDescending ? " ↓" : " ↑" : "").Raw("</a></th>");
        }

        page.Raw("<th scope=col class=mode>Mode</th></tr></thead>\n<tbody>\n");
        if (hasParent && listing.From == 0)
            page.Raw("<tr><td class=\"name folder\"><a href=\"../\">").Icon("folder").Raw("Parent folder</a></td><td class=num></td><td class=when></td><td class=mode></td></tr>\n");
        var now = site.Options.Clock.GetUtcNow();
        foreach (var entry in listing.Entries)
            await WriteRowAsync(page, entry, now, cancellationToken);
        page.Raw("</tbody></table></div>\n");
    }

    async Task WriteRowAsync(HtmlPage page, Dirent entry, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isFolder = entry.Kind == DirentKind.Directory;
        var name = ShownText.Name(entry.Name.Span);
        page.Raw(isFolder ? "<tr><td class=\"name folder\">" : "<tr><td class=name>");
        if (entry.Kind is DirentKind.File or DirentKind.Directory or DirentKind.Symlink)
            page.Raw("<a href=\"./").Raw(UrlPath.Encode(entry.Name.Span)).Raw(isFolder ? "/\">" : "\">").Icon(IconOf(entry.Kind)).Raw("<bdi>").Text(name).Raw("</bdi></a>");
        else
            page.Icon("special").Raw("<bdi>").Text(name).Raw("</bdi> <span class=tag>").Raw(ShownText.Kind(entry.Kind)).Raw("</span>");
        if (entry.Kind == DirentKind.Symlink)
            page.Raw(" <span class=dim>→ <bdi>").Text(await ShownTargetAsync(entry, cancellationToken)).Raw("</bdi></span>");
        page.Raw("</td><td class=num>");
        if (entry.Kind == DirentKind.File)
            page.Raw($"<span title=\"{ShownText.Count(entry.Size)} bytes\">{ShownText.Size(entry.Size)}</span>");
        page.Raw("</td><td class=when>");
        if (entry.Metadata.ModificationTime is { } time)
            page.Time(time.ToDateTimeOffset(), now);
        page.Raw("</td><td class=mode>").Raw(ShownText.Mode(entry)).Raw("</td></tr>\n");
    }

    // What is far away is not fetched for each of a thousand links.
    async ValueTask<string> ShownTargetAsync(Dirent link, CancellationToken cancellationToken)
    {
        if (link.Content.Kind == BlockRefKind.Literal)
            return ShownText.Name(link.Content.LiteralBytes.Span);
        var target = new byte[Math.Min(link.Size, 4096)];
        await new BlockTreeReader(site.Store, link.Content, site.Nodes).ReadAsync(0, target, cancellationToken);
        return ShownText.Name(target);
    }

    static string IconOf(DirentKind kind) => kind switch
    {
        DirentKind.Directory => "folder",
        DirentKind.Symlink => "link",
        _ => "file",
    };

    static void WritePages(HtmlPage page, FolderListing listing)
    {
        if (listing.Total <= listing.Limit && listing.From == 0)
            return;
        var order = listing.Order == "name" && !listing.IsDescending ? "" : $"&amp;sort={listing.Order}{(listing.IsDescending ? "&amp;order=desc" : "")}";
        var limit = listing.Limit == FolderListing.UsualLimit ? "" : $"&amp;limit={listing.Limit}";
        page.Raw("<nav class=pages aria-label=Pages>");
        if (listing.From > 0)
            page.Raw($"<a rel=prev href=\"?from={Math.Max(0, listing.From - listing.Limit)}{order}{limit}\">← Previous</a>");
        page.Raw($"<span class=dim>{ShownText.Count(Math.Min(listing.From + 1, listing.Total))} to {ShownText.Count(listing.From + listing.Entries.Count)} of {ShownText.Count(listing.Total)}</span>");
        if (listing.From + listing.Entries.Count < listing.Total)
            page.Raw($"<a rel=next href=\"?from={listing.From + listing.Entries.Count}{order}{limit}\">Next →</a>");
        page.Raw("</nav>\n");
    }

    async Task WriteReadmeAsync(HtmlPage page, Dirent root, Dirent folder, CancellationToken cancellationToken)
    {
        foreach (var name in _readmes)
        {
            if (await site.Directories.LookupAsync(folder.Content, name, cancellationToken) is not { } found)
                continue;
            var file = await TreePath.FollowAsync(site.Directories, root, found, cancellationToken);
            if (file.Kind != DirentKind.File || file.Size is 0 or > LongestReadme)
                continue;
            var text = new byte[file.Size];
            try
            {
                await new BlockTreeReader(site.Store, file.Content, site.Nodes).ReadAsync(0, text, cancellationToken);
            }
            catch (Exception fault) when (fault is BlockMissingException or BlockCorruptException)
            {
                // The folder can be shown without it.
                return;
            }

            if (!Utf8.IsValid(text) || text.AsSpan().Contains((byte)0))
                continue;
            page.Raw("<section aria-labelledby=readme><h2 id=readme>").Text(Encoding.UTF8.GetString(name)).Raw("</h2>\n<div class=card><pre>").Text(Encoding.UTF8.GetString(text)).Raw("</pre></div></section>\n");
            return;
        }
    }

    static byte[] WriteText(FolderListing listing)
    {
        var text = new StringBuilder(listing.Entries.Count * 80);
        foreach (var entry in listing.Entries)
        {
            var time = entry.Metadata.ModificationTime is { } known ? ShownText.Iso(known) : "-";
            text.Append(CultureInfo.InvariantCulture, $"{ShownText.Mode(entry)} {(entry.Kind == DirentKind.File ? entry.Size : 0),12} {time} {UrlPath.Encode(entry.Name.Span)}{(entry.Kind == DirentKind.Directory ? "/" : "")}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    static ReadOnlyMemory<byte> WriteJson(FolderListing listing)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteNumber("total", listing.Total);
        json.WriteNumber("from", listing.From);
        json.WriteString("sort", listing.Order);
        if (listing.From + listing.Entries.Count < listing.Total)
            json.WriteNumber("next", listing.From + listing.Entries.Count);
        json.WriteStartArray("entries");
        foreach (var entry in listing.Entries)
        {
            json.WriteStartObject();
            WriteName(json, "name", entry.Name.Span);
            json.WriteString("href", UrlPath.Encode(entry.Name.Span) + (entry.Kind == DirentKind.Directory ? "/" : ""));
            json.WriteString("type", ShownText.Kind(entry.Kind));
            json.WriteNumber("size", entry.Kind == DirentKind.Directory ? 0 : entry.Size);
            json.WriteString("mode", Convert.ToString(entry.Metadata.Mode, 8).PadLeft(4, '0'));
            json.WriteNumber("uid", entry.Metadata.Uid);
            json.WriteNumber("gid", entry.Metadata.Gid);
            if (entry.Metadata.ModificationTime is { } time)
                json.WriteString("mtime", time.ToString());
            json.WriteString("ref", entry.Content.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    // A name that isn't UTF-8 stands exactly in a second property.
    static void WriteName(Utf8JsonWriter json, string property, ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
        {
            json.WriteString(property, name);
            return;
        }

        json.WriteString(property, Encoding.UTF8.GetString(name));
        json.WriteBase64String(property + "_base64", name);
    }
}
