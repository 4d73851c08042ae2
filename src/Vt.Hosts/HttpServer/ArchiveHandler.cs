using System.Text;
using Vt.Trees.Archives;

namespace Vt.Hosts.HttpServer;

/// <summary>Answers for the archives that are registered in the store: /a/, /a/NAME/ with its states, /a/NAME/STATE/PATH.</summary>
sealed class ArchiveHandler(HttpSite site, TreeHandler trees)
{
    const int PageSize = 200;
    const int MostKept = 4;
    const string Newest = "last";

    // For so long a name may stand for what it did, though another archive of that name is registered.
    static readonly TimeSpan _remembered = TimeSpan.FromSeconds(1);

    // Guards the archives whose states were read last.
    readonly Lock _keptGate = new();
    readonly List<(string Reference, string Value, IReadOnlyList<ArchiveState> States)> _kept = [];
    volatile Remembered? _list;

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

        var archive = await FindAsync(path.TextAt(1), exchange.Aborted);
        var label = NameOf(archive.Registration);
        var states = await StatesOfAsync(archive.Reference, exchange.Aborted);
        if (path.Count == 2)
        {
            await SendStatesAsync(exchange, archive.Registration, label, states);
            return;
        }

        var state = path[2] == Newest ? states[^1] : states.FirstOrDefault(state => ShownText.Iso(state.When) == path.TextAt(2))
            ?? throw RefusalException.NotFound($"archive {label} has no state of that time; /a/{path[1]}/ lists them");
        var crumbs = new List<(string? Url, string Label)> { ("/a/", "archives"), ($"/a/{path[1]}/", label), (path.Before(3), path[2] == Newest ? "newest state" : ShownText.Exact(state.Date)) };
        await trees.HandleAsync(exchange, new TreeView(state.Root, 3, IsImmutable: false, crumbs) { Name = $"{label}-{path[2]}" });
    }

    /// <summary>The archives, by their names.</summary>
    public async Task<IReadOnlyList<(string Reference, ArchiveRegistration Registration)>> ListAsync(CancellationToken cancellationToken)
    {
        var archives = new List<(string Reference, ArchiveRegistration Registration)>();
        if (site.References is not { } references)
            return archives;
        await foreach (var name in references.ListAsync(ArchiveRegistration.Prefix, cancellationToken))
        {
            if (await references.ReadAsync(name, cancellationToken) is { } value && ArchiveRegistration.TryParse(value) is { } registration)
                archives.Add((name, registration));
        }

        archives.Sort(static (a, b) => string.CompareOrdinal(NameOf(a.Registration), NameOf(b.Registration)));
        return archives;
    }

    /// <summary>Writes the table of the archives.</summary>
    public void WriteTable(HtmlPage page, IReadOnlyList<(string Reference, ArchiveRegistration Registration)> archives)
    {
        var now = site.Options.Clock.GetUtcNow();
        page.Raw("<div class=card><table><thead><tr><th scope=col>Archive</th><th scope=col class=when>Newest state</th></tr></thead><tbody>\n");
        foreach (var (reference, registration) in archives)
        {
            var name = NameOf(registration);
            var isOnly = archives.Count(other => NameOf(other.Registration) == name) == 1;
            page.Raw("<tr><td class=\"name folder\"><a href=\"/a/").Raw(UrlPath.Encode(isOnly ? name : reference[ArchiveRegistration.Prefix.Length..])).Raw("/\">").Icon("folder").Raw("<bdi>").Text(name).Raw("</bdi></a>");
            if (!isOnly)
                page.Raw(" <span class=tag>").Text(reference[ArchiveRegistration.Prefix.Length..]).Raw("</span>");
            page.Raw("</td><td class=when>").Time(registration.When.ToDateTimeOffset(), now).Raw("</td></tr>\n");
        }

        page.Raw("</tbody></table></div>\n");
    }

    // The file's name, and nothing of where it lies on the machine that made it.
    static string NameOf(ArchiveRegistration registration)
    {
        var name = Path.GetFileName(registration.Path.TrimEnd('/'));
        name = name.EndsWith(".vt", StringComparison.Ordinal) && name.Length > 3 ? name[..^3] : name;
        return name.Length > 0 ? ShownText.Name(Encoding.UTF8.GetBytes(name)) : "archive";
    }

    async Task SendListAsync(Exchange exchange)
    {
        var archives = await ListAsync(exchange.Aborted);
        var page = new HtmlPage("Archives – vt", (null, "archives"));
        page.Raw("<h1>Archives</h1>\n");
        if (archives.Count > 0)
            WriteTable(page, archives);
        else
            page.Raw("<p class=dim>No archive has its trees in this store.</p>\n");
        await site.Sender.SendAsync(exchange, ServedContent.Page(page.Finish(), "text/html; charset=utf-8"));
    }

    async Task SendStatesAsync(Exchange exchange, ArchiveRegistration registration, string label, IReadOnlyList<ArchiveState> states)
    {
        var from = (int)Math.Min(exchange.Number("from", 0, int.MaxValue), states.Count);
        var now = site.Options.Clock.GetUtcNow();
        var page = new HtmlPage($"{label} – vt", ("/a/", "archives"), (null, label))
            .Raw("<h1>").Text(label).Raw("</h1>\n<p><a href=\"last/\">Newest state</a>, of ").Time(registration.When.ToDateTimeOffset(), now).Raw("</p>\n<div class=card><table><thead><tr><th scope=col>State</th><th scope=col class=when>Saved</th></tr></thead><tbody>\n");
        var shown = states.Reverse().Skip(from).Take(PageSize).ToArray();
        foreach (var state in shown)
        {
            page.Raw("<tr><td class=\"name folder\"><a href=\"").Raw(UrlPath.Encode(ShownText.Iso(state.When))).Raw("/\">").Icon("folder").Text(ShownText.Exact(state.Date)).Raw("</a></td><td class=when>")
                .Time(state.Date, now).Raw("</td></tr>\n");
        }

        page.Raw("</tbody></table></div>\n<nav class=pages aria-label=Pages>");
        if (from > 0)
            page.Raw($"<a rel=prev href=\"?from={Math.Max(0, from - PageSize)}\">← Newer</a>");
        if (from + shown.Length < states.Count)
            page.Raw($"<a rel=next href=\"?from={from + shown.Length}\">Older →</a>");
        page.Raw("</nav>\n");
        await site.Sender.SendAsync(exchange, ServedContent.Page(page.Finish(), "text/html; charset=utf-8"));
    }

    async Task<(string Reference, ArchiveRegistration Registration)> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_list is not { } list || site.Options.Clock.GetElapsedTime(list.Since) > _remembered || !list.Archives.Any(IsMeant))
            _list = list = new Remembered(await ListAsync(cancellationToken), site.Options.Clock.GetTimestamp());
        var found = list.Archives.Where(IsMeant).ToArray();
        return found.Length switch
        {
            1 => found[0],
            0 => throw RefusalException.NotFound("there is no archive of that name; /a/ lists them"),
            _ => throw RefusalException.NotFound("several archives have that name; /a/ lists them with their ids"),
        };

        bool IsMeant((string Reference, ArchiveRegistration Registration) archive) => archive.Reference == ArchiveRegistration.Prefix + name || NameOf(archive.Registration) == name;
    }

    // The newest last; of several in one moment the last that was noted.
    async Task<IReadOnlyList<ArchiveState>> StatesOfAsync(string reference, CancellationToken cancellationToken)
    {
        var value = await site.References!.ReadAsync(reference, cancellationToken) ?? "";
        lock (_keptGate)
        {
            var index = _kept.FindIndex(kept => kept.Reference == reference && kept.Value == value);
            if (index >= 0)
                return _kept[index].States;
        }

        var states = new SortedDictionary<Vt.Trees.Meta.Timestamp, ArchiveState>();
        await foreach (var movement in site.References.ReadLogAsync(reference, cancellationToken))
        {
            if (movement.Value is { } text && ArchiveRegistration.TryParse(text) is { } registration)
                states[registration.When] = registration.State;
        }

        if (states.Count == 0)
            throw RefusalException.NotFound("the archive has no state");
        ArchiveState[] list = [.. states.Values];
        lock (_keptGate)
        {
            _kept.RemoveAll(kept => kept.Reference == reference);
            if (_kept.Count == MostKept)
                _kept.RemoveAt(0);
            _kept.Add((reference, value, list));
        }

        return list;
    }

    sealed record Remembered(IReadOnlyList<(string Reference, ArchiveRegistration Registration)> Archives, long Since);
}
