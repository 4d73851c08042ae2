using System.Text;
using Microsoft.AspNetCore.Http;
using Vt.Blocks.BlockTree;
using Vt.Blocks.Contracts;
using Vt.Trees.Archives;
using Vt.Trees.Directories;
using Vt.Trees.Dirents;
using Vt.Trees.Tar;

namespace Vt.Hosts.HttpServer;

/// <summary>Answers for what is in a tree: folders as pages, files as what they are, links as where they lead.</summary>
sealed class TreeHandler
{
    const int LongestTarget = 4096;
    const int LongestKept = 1024;
    const int MostArchives = 4;

    readonly HttpSite _site;
    readonly FolderPage _page;

    // Guards the archives that were measured last.
    readonly Lock _archivesGate = new();
    readonly List<(string Name, TarArchive Archive)> _archives = [];

    public TreeHandler(HttpSite site)
    {
        _site = site;
        _page = new FolderPage(site);
    }

    /// <summary>Answers for what the rest of the request's path names in a tree.</summary>
    public async Task HandleAsync(Exchange exchange, TreeView view)
    {
        exchange.AllowReading();
        var path = exchange.Path;
        var entry = view.Root;
        var end = path.Count;
        for (var i = view.First; i < end; i++)
        {
            if (entry.Kind != DirentKind.Directory || await _site.Directories.LookupAsync(entry.Content, path.NameAt(i), exchange.Aborted) is not { } child)
                throw RefusalException.NotFound($"there is no {ShownText.Name(UrlPath.Decode(string.Join('/', Enumerable.Range(view.First, end - view.First).Select(k => path[k]))))} in that tree");
            entry = await TreePath.FollowAsync(_site.Directories, view.Root, child, exchange.Aborted);
            if (entry.Kind == DirentKind.Symlink && (i + 1 < end || exchange.Query("link") is null))
            {
                await FollowAsync(exchange, view, entry, i);
                return;
            }
        }

        await ShowAsync(exchange, view, entry);
    }

    async Task ShowAsync(Exchange exchange, TreeView view, Dirent entry)
    {
        var path = exchange.Path;
        switch (entry.Kind)
        {
            case DirentKind.Directory when exchange.Query("archive") is { } form:
                await SendArchiveAsync(exchange, view, entry, form);
                break;
            case DirentKind.Directory when !path.EndsInSlash:
                exchange.Redirect($"{path.Raw}/{exchange.QueryText}", view.IsImmutable);
                break;
            case DirentKind.Directory:
                await _page.SendAsync(exchange, view, entry);
                break;
            case DirentKind.File when path.EndsInSlash && path.Count > view.First:
                exchange.Redirect(path.Raw.TrimEnd('/') + exchange.QueryText, view.IsImmutable);
                break;
            case DirentKind.File:
                await SendFileAsync(exchange, view, entry);
                break;
            case DirentKind.Symlink:
                var target = await TargetOfAsync(entry, exchange.Aborted);
                await exchange.SendAsync(Encoding.UTF8.GetBytes($"symbolic link to {ShownText.Name(target)}\n"), "text/plain; charset=utf-8");
                break;
            default:
                throw new RefusalException(StatusCodes.Status403Forbidden, $"a {ShownText.Kind(entry.Kind)} has no content that could be served");
        }
    }

    async Task SendFileAsync(Exchange exchange, TreeView view, Dirent file)
    {
        var content = ServedContent.Of(_site, file.Content, await TypeOfAsync(file, exchange.Aborted)) with
        {
            LastModified = file.Metadata.ModificationTime?.ToDateTimeOffset(),
            IsImmutable = view.IsImmutable,
            SaveAs = exchange.Query("download") is null ? default : file.Name,
        };

        // A tree that is named by itself is there as long as its blocks; without a query the path says all, and a short one costs little to remember.
        if (exchange.Path[0] == "d" && exchange.QueryText.Length == 0 && exchange.Path.Raw.Length <= LongestKept)
            _site.Served.Add(exchange.Path.Raw, content);
        await _site.Sender.SendAsync(exchange, content);
    }

    async Task<string> TypeOfAsync(Dirent file, CancellationToken cancellationToken)
    {
        if (!file.Metadata.Xattrs.IsEmpty)
        {
            var xattrs = await StoredXattrs.LoadAsync(file.Metadata.Xattrs, _site.Store, cancellationToken);
            if (xattrs.TryGet(MediaTypes.Attribute, out var value) && MediaTypes.OfAttribute(value.Span) is { } said)
                return said;
        }

        return MediaTypes.OfName(file.Name.Span) ?? await TypeOfContentAsync(_site, file.Content, cancellationToken);
    }

    /// <summary>What the first bytes of some content look like.</summary>
    public static async Task<string> TypeOfContentAsync(HttpSite site, BlockRef content, CancellationToken cancellationToken)
    {
        var head = new byte[Math.Min(MediaTypes.HeadLength, content.Span)];
        var read = await new BlockTreeReader(site.Store, content, site.Nodes).ReadAsync(0, head, cancellationToken);
        return MediaTypes.OfContent(head.AsSpan(0, read));
    }

    async Task SendArchiveAsync(Exchange exchange, TreeView view, Dirent folder, string form)
    {
        if (form != "tar")
            throw RefusalException.Bad("a folder is archived as tar: ?archive=tar");
        var whole = folder with { Inodes = view.Root.Inodes };
        var name = whole.ToString();
        var archive = await MeasureAsync(name, whole, exchange.Aborted);
        var called = folder.Name.IsEmpty ? Encoding.UTF8.GetBytes(view.Name) : folder.Name.ToArray();
        await _site.Sender.SendAsync(exchange, ServedContent.Of(archive, name, "application/x-tar") with { IsImmutable = view.IsImmutable, SaveAs = (byte[])[.. called, .. ".tar"u8] });
    }

    // Measuring reads all metadata: few at once, and what was measured lately is kept, since ranges of it are asked for one after the other.
    async Task<TarArchive> MeasureAsync(string name, Dirent folder, CancellationToken cancellationToken)
    {
        if (Find() is { } kept)
            return kept;
        await _site.Measuring.WaitAsync(cancellationToken);
        try
        {
            if (Find() is { } measured)
                return measured;
            var archive = await TarArchive.CreateAsync(_site.Directories, folder, cancellationToken);
            lock (_archivesGate)
            {
                if (_archives.Count == MostArchives)
                    _archives.RemoveAt(0);
                _archives.Add((name, archive));
            }

            return archive;
        }
        finally
        {
            _site.Measuring.Release();
        }

        TarArchive? Find()
        {
            lock (_archivesGate)
                return _archives.Find(archive => archive.Name == name).Archive;
        }
    }

    // Where a link leads within the tree; what leads out of it, or from the top of whatever machine it was on, is shown as it is.
    async Task FollowAsync(Exchange exchange, TreeView view, Dirent link, int at)
    {
        var target = await TargetOfAsync(link, exchange.Aborted);
        var names = new List<string>();
        for (var i = view.First; i < at; i++)
            names.Add(exchange.Path[i]);
        var isInside = target.Length > 0 && target[0] != '/';
        foreach (var part in isInside ? LosslessParts(target) : [])
        {
            if (part == "..")
            {
                isInside &= names.Count > 0;
                if (names.Count > 0)
                    names.RemoveAt(names.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                names.Add(part);
            }
        }

        if (!isInside)
        {
            if (at + 1 < exchange.Path.Count)
                throw RefusalException.NotFound($"a symbolic link on the way leads out of the tree, to {ShownText.Name(target)}");
            await ShowAsync(exchange, view, link);
            return;
        }

        for (var i = at + 1; i < exchange.Path.Count; i++)
            names.Add(exchange.Path[i]);
        var below = string.Join('/', names);
        var isFolder = exchange.Path.EndsInSlash && below.Length > 0;
        exchange.Redirect($"{exchange.Path.Before(view.First)}{below}{(isFolder ? "/" : "")}{exchange.QueryText}", isForGood: false);
    }

    static IEnumerable<string> LosslessParts(byte[] target)
    {
        var start = 0;
        for (var i = 0; i <= target.Length; i++)
        {
            if (i < target.Length && target[i] != '/')
                continue;
            yield return UrlPath.Encode(target.AsSpan(start, i - start));
            start = i + 1;
        }
    }

    async Task<byte[]> TargetOfAsync(Dirent link, CancellationToken cancellationToken)
    {
        if (link.Size > LongestTarget)
            throw new FormatInvalidException($"a symbolic link's target has {link.Size} bytes, over the limit of {LongestTarget}");
        var target = new byte[link.Size];
        await new BlockTreeReader(_site.Store, link.Content, _site.Nodes).ReadAsync(0, target, cancellationToken);
        return target;
    }
}
