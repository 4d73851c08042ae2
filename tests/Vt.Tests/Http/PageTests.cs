using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vt.Posix;
using Vt.Tests.Support;

namespace Vt.Tests.Http;

/// <summary>Folders, files and links of a tree, and what must not be had.</summary>
public sealed partial class PageTests
{
    [GeneratedRegex("href=\"\\./([^\"]+)\"")]
    private static partial Regex Entry();

    [Fact]
    public async Task A_folder_is_a_page_with_a_link_to_each_entry_that_leads_there()
    {
        byte[][] names =
        [
            [.. "plain.txt"u8], [.. "<script>alert(1)<"u8], [.. "\"quoted\" & 'so'"u8], [.. "100%25"u8], [.. "a?b#c"u8], [.. "C:colon"u8], [.. "..."u8],
            [0xff, 0xfe, (byte)'x'], [.. "tab\tnew\nline"u8], [.. "ünïcode 文"u8], [.. "rtl\u202egnp"u8], [.. "back\\slash"u8], [.. "%2e%2e"u8], [.. " blank "u8],
        ];
        await using var tree = await ServedTree.MakeAsync(folder =>
        {
            foreach (var name in names)
                ServedTree.MakeFile(folder, name);
        });

        var page = await tree.Bed.ReadAsync(tree.Url, "Accept: text/html");
        var links = Entry().Matches(page).Select(static match => WebUtility.HtmlDecode(match.Groups[1].Value)).ToArray();

        Assert.Equal(names.Length, links.Length);
        Assert.Equal(names.Select(Convert.ToHexString).Order(), links.Select(static link => Convert.ToHexString(Vt.Hosts.HttpServer.UrlPath.Decode(link))).Order());
        foreach (var link in links)
            Assert.Equal("", await tree.Bed.ReadAsync(tree.Url + link));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', page);
        Assert.DoesNotContain("alert(1)<<", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_may_have_styles_and_nothing_else_and_what_is_stored_nothing_at_all()
    {
        await using var tree = await ServedTree.MakeAsync(static folder => folder.Write("page.html", "<script>alert(1)</script>"));

        using var page = await tree.Bed.AskAsync(tree.Url);
        using var stored = await tree.Bed.AskAsync(tree.Url + "page.html");

        Assert.StartsWith("default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.StartsWith("sandbox;", stored.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", stored.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("text/html", stored.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_folder_is_json_for_programs_and_lines_for_shells()
    {
        await using var tree = await ServedTree.MakeAsync(static folder =>
        {
            folder.Write("b", "four");
            folder.Make("a");
            ServedTree.MakeFile(folder, [0xff]);
        });

        using var json = JsonDocument.Parse(await tree.Bed.ReadAsync(tree.Url, "Accept: application/json"));
        var text = await tree.Bed.ReadAsync(tree.Url + "?format=text");

        var entries = json.RootElement.GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal(["a/", "b", "%FF"], entries.Select(static entry => entry.GetProperty("href").GetString()));
        Assert.Equal(4, entries[1].GetProperty("size").GetInt64());
        Assert.Equal([0xff], entries[2].GetProperty("name_base64").GetBytesFromBase64());
        Assert.Equal(["a/", "b", "%FF"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[(line.LastIndexOf(' ') + 1)..]));
    }

    [Fact]
    public async Task A_large_folder_comes_in_pages_and_every_entry_once()
    {
        await using var tree = await ServedTree.MakeAsync(static folder =>
        {
            for (var i = 0; i < 2300; i++)
                folder.Write($"file{i}", "");
        });

        var seen = new List<string>();
        var url = "";
        for (var pages = 0; pages < 5; pages++)
        {
            var page = await tree.Bed.ReadAsync(tree.Url + url);
            seen.AddRange(Entry().Matches(page).Select(static match => match.Groups[1].Value));
            if (!page.Contains("rel=next", StringComparison.Ordinal))
                break;
            url = WebUtility.HtmlDecode(Regex.Match(page, "rel=next href=\"([^\"]+)\"").Groups[1].Value);
        }

        Assert.Equal(Enumerable.Range(0, 2300).Select(static i => $"file{i}").Order(StringComparer.Ordinal), seen);
        var last = Entry().Matches(await tree.Bed.ReadAsync(tree.Url + "?order=desc")).Select(static match => match.Groups[1].Value).First();
        Assert.Equal("file999", last);
    }

    [Fact]
    public async Task Entries_are_sorted_by_size_and_time_either_way()
    {
        await using var tree = await ServedTree.MakeAsync(static folder =>
        {
            foreach (var (name, size, year) in ((string, int, int)[])[("a", 30, 2001), ("b", 10, 2003), ("c", 20, 2002)])
                File.SetLastWriteTimeUtc(folder.Write(name, new string('x', size)), new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        });

        foreach (var (query, expected) in ((string, string)[])[("", "abc"), ("?order=desc", "cba"), ("?sort=size", "bca"), ("?sort=size&order=desc", "acb"), ("?sort=time", "acb"), ("?sort=time&order=desc", "bca")])
            Assert.Equal(expected, string.Concat(Entry().Matches(await tree.Bed.ReadAsync(tree.Url + query)).Select(static match => match.Groups[1].Value)));
    }

    [Fact]
    public async Task A_folder_without_its_slash_and_a_file_with_one_are_sent_on()
    {
        await using var tree = await ServedTree.MakeAsync(static folder => File.WriteAllText(Path.Combine(folder.Make("in"), "file"), "x"));

        using var folder = await tree.Bed.AskAsync(tree.Url + "in?sort=size");
        using var file = await tree.Bed.AskAsync(tree.Url + "in/file/");

        Assert.Equal((HttpStatusCode.MovedPermanently, tree.Url + "in/?sort=size"), (folder.StatusCode, folder.Headers.Location!.OriginalString));
        Assert.Equal((HttpStatusCode.MovedPermanently, tree.Url + "in/file"), (file.StatusCode, file.Headers.Location!.OriginalString));
    }

    [Fact]
    public async Task A_link_leads_on_within_the_tree_and_is_shown_where_it_leads_out()
    {
        await using var tree = await ServedTree.MakeAsync(static folder =>
        {
            File.WriteAllText(Path.Combine(folder.Make("a b"), "file"), "content");
            File.CreateSymbolicLink(folder["near"], "a b/file");
            File.CreateSymbolicLink(folder["dir"], "./a b/");
            File.CreateSymbolicLink(Path.Combine(folder["a b"], "up"), "../near");
            File.CreateSymbolicLink(folder["far"], "../outside");
            File.CreateSymbolicLink(folder["top"], "/etc/passwd");
            File.CreateSymbolicLink(folder["wicked"], "a b/../../../outside");
        });

        foreach (var (from, to) in ((string, string)[])[("near", "a%20b/file"), ("dir", "a%20b"), ("dir/file", "a%20b/file"), ("a%20b/up", "near")])
        {
            using var sent = await tree.Bed.AskAsync(tree.Url + from);
            Assert.Equal((HttpStatusCode.Found, tree.Url + to), (sent.StatusCode, sent.Headers.Location!.OriginalString));
        }

        foreach (var (from, to) in ((string, string)[])[("far", "../outside"), ("top", "/etc/passwd"), ("wicked", "a b/../../../outside")])
        {
            Assert.Equal($"symbolic link to {to}\n", await tree.Bed.ReadAsync(tree.Url + from));
            using var below = await tree.Bed.AskAsync($"{tree.Url}{from}/x");
            Assert.Equal(HttpStatusCode.NotFound, below.StatusCode);
        }
    }

    [Theory]
    [InlineData("..", 400)]
    [InlineData("%2e%2e", 400)]
    [InlineData(".%2E/x", 400)]
    [InlineData("%2e", 400)]
    [InlineData("a%2Fb", 400)]
    [InlineData("a%00b", 400)]
    [InlineData("%", 400)]
    [InlineData("%zz", 400)]
    [InlineData("a//b", 400)]
    [InlineData("missing", 404)]
    [InlineData("file/below", 404)]
    [InlineData("pipe", 403)]
    public async Task What_is_no_name_or_has_no_content_is_refused(string path, int status)
    {
        await using var tree = await ServedTree.MakeAsync(static folder =>
        {
            folder.Write("file", "x");
            folder.Make("a");
            PosixFile.Mknod(Encoding.UTF8.GetBytes(folder["pipe"]), ModeBits.S_IFIFO | 0x1a4);
        });

        // The client would simplify the path, which is what must not matter.
        var head = await RawClient.AskAsync(tree.Bed.Url, $"GET {tree.Url}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_type_of_a_file_is_what_its_attribute_says_then_its_name_then_its_first_bytes()
    {
        await using var tree = await ServedTree.MakeAsync(static folder =>
        {
            folder.Write("said.txt", "x");
            folder.Write("lie.txt", "x");
            folder.Write("page.html", "x");
            folder.Write("README", "plain text, ünïcode too");
            File.WriteAllBytes(folder["picture"], [0x89, .. "PNG\r\n"u8, 0x1a, 10, 0, 0]);
            File.WriteAllBytes(folder["data"], [0, 1, 2, 3]);
            folder.Write("script", "<script>alert(1)</script>");
            using var said = PosixFile.Open(Encoding.UTF8.GetBytes(folder["said.txt"]), OpenFlags.O_RDWR);
            Assert.Equal(Errno.OK, Xattrs.TrySet(said, "user.mime_type"u8, "text/x-special; charset=latin1"u8));
            using var lie = PosixFile.Open(Encoding.UTF8.GetBytes(folder["lie.txt"]), OpenFlags.O_RDWR);
            Assert.Equal(Errno.OK, Xattrs.TrySet(lie, "user.mime_type"u8, "text/html\r\nSet-Cookie: a=b"u8));
        });

        foreach (var (name, type) in ((string, string)[])
        [
            ("said.txt", "text/x-special; charset=latin1"), ("lie.txt", "text/plain; charset=utf-8"), ("page.html", "text/html; charset=utf-8"),
            ("README", "text/plain; charset=utf-8"), ("picture", "image/png"), ("data", "application/octet-stream"), ("script", "text/plain; charset=utf-8"),
        ])
        {
            using var response = await tree.Bed.AskAsync(tree.Url + name);
            Assert.Equal(type, response.Content.Headers.GetValues("Content-Type").Single());
        }
    }

    [Fact]
    public async Task A_readme_is_shown_below_its_folder_as_plain_text()
    {
        await using var tree = await ServedTree.MakeAsync(static folder => folder.Write("README.md", "# <b>Hello</b> & welcome"));

        Assert.Contains("# &lt;b&gt;Hello&lt;/b&gt; &amp; welcome</pre>", await tree.Bed.ReadAsync(tree.Url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_is_downloaded_as_a_tar_archive_in_ranges_too()
    {
        await using var tree = await ServedTree.MakeAsync(static folder => File.WriteAllText(Path.Combine(folder.Make("docs"), "file"), "content"));

        using var whole = await tree.Bed.AskAsync(tree.Url + "docs/?archive=tar");
        var bytes = await whole.Content.ReadAsByteArrayAsync();
        using var part = await tree.Bed.AskAsync(tree.Url + "docs/?archive=tar", "Range: bytes=512-1023");

        Assert.Equal("attachment; filename=\"docs.tar\"; filename*=UTF-8''docs.tar", whole.Content.Headers.GetValues("Content-Disposition").Single());
        Assert.Equal(bytes.LongLength, whole.Content.Headers.ContentLength);
        Assert.Equal(bytes[512..1024], await part.Content.ReadAsByteArrayAsync());
        using var unpacked = new TempFolder();
        await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(new MemoryStream(bytes), unpacked.Path, overwriteFiles: false);
        Assert.Equal("content", await File.ReadAllTextAsync(unpacked["file"]));
        using var other = await tree.Bed.AskAsync(tree.Url + "docs/?archive=zip");
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
    }

    [Fact]
    public async Task A_hard_link_is_the_file_that_it_names()
    {
        await using var tree = await ServedTree.MakeAsync(static folder =>
        {
            folder.Write("one", "content");
            PosixFile.Link(Encoding.UTF8.GetBytes(folder["one"]), Encoding.UTF8.GetBytes(folder["two"]));
        });

        Assert.Equal("content", await tree.Bed.ReadAsync(tree.Url + "two"));
        Assert.Contains("title=\"7 bytes\"", await tree.Bed.ReadAsync(tree.Url), StringComparison.Ordinal);
    }
}
