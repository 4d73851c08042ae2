using System.Text;
using Vt.Blocks.Hashing;
using Vt.Trees.Dirents;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;
using Vt.Volumes.Revisions;

namespace Vt.Hosts.HttpServer;

/// <summary>
/// Answers for volumes: /v/, /v/VOLUME/, /v/VOLUME/b/BRANCH/PATH, /v/VOLUME/t/TAG/PATH, /v/VOLUME/c/COMMIT/PATH and /v/VOLUME/log. A slash in the name of a
/// branch or tag is %2F.
/// </summary>
sealed class VolumeHandler(HttpSite site, TreeHandler trees)
{
    const int PageSize = 50;
    const int MostSkipped = 100_000;

    /// <summary>Answers.</summary>
    public async Task HandleAsync(Exchange exchange)
    {
        exchange.AllowReading();
        var path = exchange.Path;
        if (!path.EndsInSlash && path.Count < 3)
        {
            exchange.Redirect($"{path.Raw}/{exchange.QueryText}", isForGood: true);
            return;
        }

        if (path.Count == 1)
        {
            await SendListAsync(exchange);
            return;
        }

        var volume = Catalog is { } catalog && await catalog.TryFindAsync(path.TextAt(1), exchange.Aborted) is { } found
            ? found
            : throw RefusalException.NotFound("there is no volume of that name; /v/ lists them");
        switch (path.Count, path[2])
        {
            case (2, _):
                await SendVolumeAsync(exchange, volume);
                break;
            case (3, "log"):
                await SendLogAsync(exchange, volume);
                break;
            case ( >= 4, "b"):
                var branch = path.TextAt(3);
                await SendTreeAsync(exchange, volume, await volume.ReadTipAsync(branch, exchange.Aborted), branch, isFixed: false);
                break;
            case ( >= 4, "t"):
                var tag = path.TextAt(3);
                await SendTreeAsync(exchange, volume, await volume.ReadTagAsync(tag, exchange.Aborted) ?? throw RefusalException.NotFound($"volume {volume.Name} has no tag of that name"), tag, isFixed: false);
                break;
            case ( >= 4, "c"):
                await SendCommitAsync(exchange, volume);
                break;
            default:
                throw RefusalException.NotFound($"volume {volume.Name} has nothing of that name; /v/{volume.Name}/ shows what it has");
        }
    }

    /// <summary>The volumes, by their names.</summary>
    public async Task<IReadOnlyList<Volume>> ListAsync(CancellationToken cancellationToken) =>
        Catalog is { } catalog ? await catalog.ListAsync(cancellationToken).ToArrayAsync(cancellationToken) : [];

    /// <summary>Writes the table of the volumes.</summary>
    public static void WriteTable(HtmlPage page, IReadOnlyList<Volume> volumes)
    {
        page.Raw("<div class=card><table><thead><tr><th scope=col>Volume</th></tr></thead><tbody>\n");
        foreach (var volume in volumes)
            page.Raw("<tr><td class=\"name folder\"><a href=\"/v/").Raw(UrlPath.Encode(volume.Name)).Raw("/\">").Icon("volume").Raw("<bdi>").Text(volume.Name).Raw("</bdi></a></td></tr>\n");
        page.Raw("</tbody></table></div>\n");
    }

    VolumeCatalog? Catalog => site.References is null ? null : new VolumeCatalog(site.Store);

    DateTimeOffset Now => site.Options.Clock.GetUtcNow();

    async Task SendListAsync(Exchange exchange)
    {
        var volumes = await ListAsync(exchange.Aborted);
        var page = new HtmlPage("Volumes – vt", (null, "volumes"));
        page.Raw("<h1>Volumes</h1>\n");
        if (volumes.Count > 0)
            WriteTable(page, volumes);
        else
            page.Raw("<p class=dim>There is no volume in this store.</p>\n");
        await SendPageAsync(exchange, page);
    }

    async Task SendVolumeAsync(Exchange exchange, Volume volume)
    {
        var page = new HtmlPage($"{volume.Name} – vt", ("/v/", "volumes"), (null, volume.Name));
        page.Raw("<h1>").Text(volume.Name).Raw("</h1>\n<p><a href=\"log\">History</a></p>\n");
        await WriteNamesAsync(page, volume, "Branches", "b", volume.ListBranchesAsync(exchange.Aborted), volume.ReadTipAsync, exchange.Aborted);
        await WriteNamesAsync(page, volume, "Tags", "t", volume.ListTagsAsync(exchange.Aborted), volume.ReadTagAsync, exchange.Aborted);
        await SendPageAsync(exchange, page);
    }

    async Task WriteNamesAsync(
        HtmlPage page, Volume volume, string title, string letter, IAsyncEnumerable<string> names, Func<string, CancellationToken, ValueTask<BlockHash?>> read, CancellationToken cancellationToken)
    {
        var isFirst = true;
        await foreach (var name in names)
        {
            if (isFirst)
                page.Raw($"<h2>{title}</h2>\n<div class=card><table><thead><tr><th scope=col>Name</th><th scope=col>Newest commit</th><th scope=col class=when>Committed</th></tr></thead><tbody>\n");
            isFirst = false;
            page.Raw("<tr><td class=folder><a href=\"").Raw($"{letter}/{UrlPath.Encode(name)}/").Raw("\">").Icon("folder").Raw("<bdi>").Text(name).Raw("</bdi></a></td>");
            if (await read(name, cancellationToken) is { } tip)
                WriteCommit(page, $"/v/{UrlPath.Encode(volume.Name)}", tip, await volume.Commits.ReadAsync(tip, cancellationToken));
            else
                page.Raw("<td class=\"name dim\">no commit yet</td><td></td>");
            page.Raw("</tr>\n");
        }

        if (!isFirst)
            page.Raw("</tbody></table></div>\n");
    }

    void WriteCommit(HtmlPage page, string top, BlockHash id, Commit commit)
    {
        var line = ShownText.Name(Encoding.UTF8.GetBytes(Volume.FirstLine(commit)));
        page.Raw($"<td class=name><a href=\"{top}/c/{id}/\"><bdi>").Text(line.Length > 0 ? line : "(no message)").Raw($"</bdi></a> <code class=dim>{id.ToShortString()}</code> <span class=dim><bdi>").Text(commit.Author.Name)
            .Raw("</bdi></span></td><td class=when>").Time(commit.Committer.Date, Now).Raw("</td>");
    }

    async Task SendLogAsync(Exchange exchange, Volume volume)
    {
        var branch = exchange.Query("branch") is { Length: > 0 } said ? said : await UsualBranchAsync(volume, exchange.Aborted);
        var from = (int)exchange.Number("from", 0, MostSkipped);
        var top = $"/v/{UrlPath.Encode(volume.Name)}";
        var page = new HtmlPage($"History of {volume.Name} – vt", ("/v/", "volumes"), ($"{top}/", volume.Name), (null, $"history of {branch}"));
        page.Raw("<h1>History of ").Text(branch).Raw("</h1>\n");
        var tip = await volume.ReadTipAsync(branch, exchange.Aborted);
        var commits = tip is { } start
            ? await new CommitWalk(volume.Commits).WalkAsync([start], exchange.Aborted).Skip(from).Take(PageSize + 1).ToListAsync(exchange.Aborted)
            : [];
        if (commits.Count == 0)
            page.Raw("<p class=dim>There is no commit.</p>\n");
        else
            page.Raw("<div class=card><table><thead><tr><th scope=col>Commit</th><th scope=col class=when>Committed</th></tr></thead><tbody>\n");
        foreach (var (id, commit) in commits.Take(PageSize))
        {
            page.Raw("<tr>");
            WriteCommit(page, top, id, commit);
            page.Raw("</tr>\n");
        }

        page.Raw(commits.Count == 0 ? "" : "</tbody></table></div>\n").Raw("<nav class=pages aria-label=Pages>");
        var query = $"&amp;branch={UrlPath.Encode(branch)}";
        if (from > 0)
            page.Raw($"<a rel=prev href=\"?from={Math.Max(0, from - PageSize)}{query}\">← Newer</a>");
        if (commits.Count > PageSize)
            page.Raw($"<a rel=next href=\"?from={from + PageSize}{query}\">Older →</a>");
        page.Raw("</nav>\n");
        await SendPageAsync(exchange, page);
    }

    async Task SendCommitAsync(Exchange exchange, Volume volume)
    {
        var text = exchange.Path.TextAt(3);
        if (BlockHash.TryParse(text, out var id))
        {
            if (await volume.Commits.TryReadAsync(id, exchange.Aborted) is null)
                throw RefusalException.NotFound($"the store has no commit {id}");
            await SendTreeAsync(exchange, volume, id, id.ToShortString(), isFixed: true);
            return;
        }

        // A beginning of a name, or a revision, stands for that commit just now.
        var revision = Revision.Parse(text);
        if (revision.Volume is not null)
            throw RefusalException.NotFound("the volume stands before the revision already");
        var resolver = new RevisionResolver(volume, await UsualBranchAsync(volume, exchange.Aborted), site.Options.Clock);
        var found = await resolver.ResolveAsync(revision, exchange.Aborted);
        var path = exchange.Path;
        var rest = path.Count > 4 ? path.Raw[(path.Before(4).Length - 1)..] : path.EndsInSlash ? "/" : "";
        exchange.Redirect($"{path.Before(3)}{found}{rest}{exchange.QueryText}", isForGood: false);
    }

    async Task SendTreeAsync(Exchange exchange, Volume volume, BlockHash? tip, string label, bool isFixed)
    {
        var top = $"/v/{UrlPath.Encode(volume.Name)}";
        var commit = tip is { } id ? await volume.Commits.ReadAsync(id, exchange.Aborted) : null;
        var root = commit?.Root ?? new Dirent { Kind = DirentKind.Directory };
        var view = new TreeView(root, 4, isFixed, [("/v/", "volumes"), ($"{top}/", volume.Name), (exchange.Path.Before(4), label)])
        {
            Name = $"{volume.Name}-{label.Replace('/', '-')}",
            Banner = commit is null ? null : page => WriteBanner(page, top, tip!.Value, commit),
        };
        await trees.HandleAsync(exchange, view);
    }

    void WriteBanner(HtmlPage page, string top, BlockHash id, Commit commit)
    {
        var message = Encoding.UTF8.GetString(commit.Message.Span);
        page.Raw("<section class=\"card pad\" aria-label=Commit><p class=message><bdi>").Text(message.Length > 0 ? message : "(no message)").Raw($"</bdi></p>\n<div class=dim><a href=\"{top}/c/{id}/\"><code>{id.ToShortString()}</code></a> by <bdi>")
            .Text(commit.Author.Name).Raw("</bdi>, ").Time(commit.Committer.Date, Now);
        foreach (var parent in commit.Parents)
            page.Raw($" · parent <a href=\"{top}/c/{parent}/\"><code>{parent.ToShortString()}</code></a>");
        page.Raw("</div>\n");
        foreach (var (word, text) in Commit.InOrder(commit.Labels))
            page.Raw("<span class=tag>").Text($"{word}: {text}").Raw("</span> ");
        page.Raw("</section>\n");
    }

    static async Task<string> UsualBranchAsync(Volume volume, CancellationToken cancellationToken)
    {
        string? first = null;
        await foreach (var branch in volume.ListBranchesAsync(cancellationToken))
        {
            if (branch is "main" or "master")
                return branch;
            first ??= branch;
        }

        return first ?? throw RefusalException.NotFound($"volume {volume.Name} has no branch");
    }

    Task SendPageAsync(Exchange exchange, HtmlPage page) => site.Sender.SendAsync(exchange, ServedContent.Page(page.Finish(), "text/html; charset=utf-8"));
}
