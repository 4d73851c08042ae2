using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Vt.Blocks.BlockTree;
using Vt.Hosts.HttpServer;
using Vt.Stores.Faults;
using Vt.Stores.Memory;
using Vt.Tests.Support;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;
using Vt.Volumes.Branches;
using Vt.Volumes.Commits;

namespace Vt.Tests.Http;

/// <summary>Blocks, content, volumes, archives, figures, and who may ask.</summary>
public sealed class SiteTests
{
    const string Token = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task A_block_is_had_by_its_name_and_kept_for_ever()
    {
        var store = new MemoryStore();
        var block = TestBlock.Many(store.Hasher, 1, 1)[0];
        await TestBlock.AddAsync(store, block);
        await using var bed = await HttpBed.StartAsync(store);

        foreach (var path in (string[])[$"/h/{block.Hash}", $"/h/{block.Hash.ToString()[..2]}/{block.Hash}"])
        {
            using var response = await bed.AskAsync(path);
            Assert.Equal(block.Bytes, await response.Content.ReadAsByteArrayAsync());
            Assert.Equal($"\"{block.Hash}\"", response.Headers.ETag!.ToString());
            Assert.Equal("public, max-age=31536000, immutable", response.Headers.GetValues("Cache-Control").Single());
            using var again = await bed.AskAsync(path, $"If-None-Match: \"{block.Hash}\"");
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            using var part = await bed.AskAsync(path, "Range: bytes=0-0");
            Assert.Equal(block.Bytes[..1], await part.Content.ReadAsByteArrayAsync());
        }

        foreach (var (path, status) in ((string, int)[])
        [
            ($"/h/{store.Hasher.Hash("absent"u8)}", 404), ("/h/", 404), ("/h/abc.blake3", 404), ($"/h/{block.Hash}/", 404), ($"/h/zz/{block.Hash}", 404),
            ($"/h/{block.Hash.ToString().ToUpperInvariant().Replace("BLAKE3", "blake3", StringComparison.Ordinal)}", 301),
        ])
        {
            using var response = await bed.AskAsync(path);
            Assert.True(status == (int)response.StatusCode, $"{path}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Content_is_had_by_its_reference_under_any_name()
    {
        var store = new MemoryStore();
        var block = TestBlock.Of(store.Hasher, "some text"u8.ToArray());
        await TestBlock.AddAsync(store, block);
        await using var bed = await HttpBed.StartAsync(store);

        foreach (var reference in (string[])[block.Hash.ToString(), BlockRef.Direct(block.Hash, 9).ToString()])
            Assert.Equal("some text", await bed.ReadAsync($"/i/{UrlPath.Encode(reference)}"));
        Assert.Equal("text", await bed.ReadAsync($"/i/{UrlPath.Encode(BlockRef.Slice(BlockRef.Direct(block.Hash, 9), 5, 4).ToString())}"));
        Assert.Equal("aaa", await bed.ReadAsync($"/i/{UrlPath.Encode(BlockRef.Run((byte)'a', 3).ToString())}"));
        Assert.Equal("li/t", await bed.ReadAsync($"/i/{UrlPath.Encode(BlockRef.Literal("li/t"u8).ToString())}"));
        using var named = await bed.AskAsync($"/i/{block.Hash}/notes.css?download");
        Assert.Equal("text/css", named.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment; filename=\"notes.css\"; filename*=UTF-8''notes.css", named.Content.Headers.GetValues("Content-Disposition").Single());
        using var vast = await bed.AskAsync(HttpMethod.Head, $"/i/{UrlPath.Encode(BlockRef.Run(0, long.MaxValue).ToString())}");
        Assert.Equal(long.MaxValue, vast.Content.Headers.ContentLength);
        using var end = await bed.AskAsync($"/i/{UrlPath.Encode(BlockRef.Run(7, long.MaxValue).ToString())}", "Range: bytes=-3");
        Assert.Equal([7, 7, 7], await end.Content.ReadAsByteArrayAsync());
        using var none = await bed.AskAsync("/i/what");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task A_volume_shows_branches_tags_and_history_and_a_commit_stays()
    {
        var store = new MemoryStore();
        var volume = await new VolumeCatalog(store).CreateAsync("work", "main");
        var (first, second) = (await CommitAsync(store, volume, "one", "First <b>"), await CommitAsync(store, volume, "two", "Second"));
        await volume.SetTagAsync("v1/rc", first, mayMove: false, "");
        await volume.CreateBranchAsync("feature/x", first, "");
        await using var bed = await HttpBed.StartAsync(store);

        Assert.Contains("href=\"/v/work/\"", await bed.ReadAsync("/"), StringComparison.Ordinal);
        Assert.Contains("href=\"/v/work/\"", await bed.ReadAsync("/v/"), StringComparison.Ordinal);
        var page = await bed.ReadAsync("/v/work/");
        Assert.Contains("href=\"b/feature%2Fx/\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"t/v1%2Frc/\"", page, StringComparison.Ordinal);
        var log = await bed.ReadAsync("/v/work/log");
        Assert.True(log.IndexOf(second.ToString()!, StringComparison.Ordinal) < log.IndexOf(first.ToString()!, StringComparison.Ordinal));
        Assert.Contains("First &lt;b&gt;", log, StringComparison.Ordinal);
        Assert.Equal("two", await bed.ReadAsync("/v/work/b/main/file"));
        Assert.Equal("one", await bed.ReadAsync("/v/work/b/feature%2Fx/file"));
        Assert.Equal("one", await bed.ReadAsync("/v/work/t/v1%2Frc/file"));
        Assert.Equal("one", await bed.ReadAsync($"/v/work/c/{first}/file"));
        Assert.Contains("Second", await bed.ReadAsync("/v/work/b/main/"), StringComparison.Ordinal);
        using var moving = await bed.AskAsync("/v/work/b/main/file");
        Assert.Equal("public, no-cache", moving.Headers.GetValues("Cache-Control").Single());
        using var lasting = await bed.AskAsync($"/v/work/c/{first}/file");
        Assert.Contains("immutable", lasting.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
        using var revision = await bed.AskAsync("/v/work/c/main~1/file?x=1");
        Assert.Equal($"/v/work/c/{first}/file?x=1", revision.Headers.Location!.OriginalString);
        foreach (var path in (string[])["/v/none/", "/v/work/b/none/", "/v/work/t/none/", "/v/work/c/none/", "/v/work/x/", $"/v/work/c/{store.Hasher.Hash("x"u8)}/", "/v/work/b/main/none"])
        {
            using var missing = await bed.AskAsync(path);
            Assert.True(missing.StatusCode == HttpStatusCode.NotFound, $"{path}: {missing.StatusCode}");
        }
    }

    [Fact]
    public async Task An_archive_shows_its_states_and_what_was_in_each()
    {
        var store = new MemoryStore();
        var id = Guid.NewGuid();
        foreach (var (seconds, text) in ((long, string)[])[(1_000_000_000, "old"), (1_100_000_000, "new")])
            await new ArchiveRegistration(new Timestamp(seconds, 500), await TreeAsync(store, text), "/home/ann/secret/photos.vt").RegisterAsync(store, id);
        await using var bed = await HttpBed.StartAsync(store);

        var front = await bed.ReadAsync("/");
        Assert.Contains("href=\"/a/photos/\"", front, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", front, StringComparison.Ordinal);
        Assert.Contains("href=\"2001-09-09T01%3A46%3A40.0000005Z/\"", await bed.ReadAsync("/a/photos/"), StringComparison.Ordinal);
        Assert.Equal("old", await bed.ReadAsync("/a/photos/2001-09-09T01%3A46%3A40.0000005Z/file"));
        Assert.Equal("new", await bed.ReadAsync("/a/photos/last/file"));
        Assert.Equal("new", await bed.ReadAsync($"/a/{id}/last/file"));
        using var sent = await bed.AskAsync("/a/photos");
        Assert.Equal("/a/photos/", sent.Headers.Location!.OriginalString);
        foreach (var path in (string[])["/a/none/", "/a/photos/yesterday/"])
        {
            using var missing = await bed.AskAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }
    }

    [Fact]
    public async Task A_tree_is_named_by_text_by_reference_and_by_the_block_that_holds_it()
    {
        var store = new MemoryStore();
        var root = await TreeAsync(store, "content");
        var volume = await new VolumeCatalog(store).CreateAsync("work", "main");
        var commit = await CommitAsync(store, volume, "content", "one");
        await using var bed = await HttpBed.StartAsync(store);

        foreach (var name in (string[])[root.ToString(), root.Content.ToString(), root.Content.Hash.ToString(), commit.ToString()!])
            Assert.Equal("content", await bed.ReadAsync($"/d/{UrlPath.Encode(name)}/file"));
        foreach (var name in (string[])["", "nothing", "D{", "D{mode:0755", store.Hasher.Hash("x"u8).ToString()])
        {
            using var missing = await bed.AskAsync($"/d/{UrlPath.Encode(name)}/");
            Assert.True(missing.StatusCode == HttpStatusCode.NotFound, $"{name}: {missing.StatusCode}");
        }
    }

    [Fact]
    public async Task Who_shows_no_token_learns_nothing_but_that_the_server_runs()
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore(), static options => options with { Token = Token });

        foreach (var path in (string[])["/", "/h/x", "/metrics", "/s/info", "/v/", "/none"])
        {
            using var refused = await bed.AskAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Contains(refused.Headers.WwwAuthenticate, static way => way.Scheme == "Basic");
        }

        Assert.Equal("ok\n", await bed.ReadAsync("/healthz"));
        await bed.ReadAsync("/", $"Authorization: Bearer {Token}");
        await bed.ReadAsync("/", $"Authorization: {new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{Token}")))}");
        foreach (var wrong in (string[])[$"Bearer {Token}x", $"Bearer {Token[..^1]}", "Bearer ", "Basic !!!", $"Basic {Convert.ToBase64String("nocolon"u8)}", $"Digest {Token}"])
        {
            using var refused = await bed.AskAsync("/", $"Authorization: {wrong}");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var kept = await bed.AskAsync($"/i/{UrlPath.Encode(BlockRef.Run(1, 3).ToString())}", $"Authorization: Bearer {Token}");
        Assert.True(kept.Headers.CacheControl is { Private: true, Public: false });
    }

    [Fact]
    public async Task A_file_that_was_served_is_served_alike_again_to_who_shows_the_token_and_a_query_is_heard()
    {
        await using var tree = await ServedTree.MakeAsync(static folder => folder.Write("words.txt", "some words"));
        await using var bed = await HttpBed.StartAsync(tree.Store, static options => options with { Token = Token });
        var (file, token) = (tree.Url + "words.txt", $"Authorization: Bearer {Token}");

        for (var i = 0; i < 3; i++)
        {
            using var refused = await bed.AskAsync(file);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("some words", await bed.ReadAsync(file, token));
            using var part = await bed.AskAsync(file, token, "Range: bytes=5-6");
            Assert.Equal("wo", await part.Content.ReadAsStringAsync());
            Assert.Equal("text/plain", part.Content.Headers.ContentType?.MediaType);
            using var saved = await bed.AskAsync(file + "?download", token);
            Assert.Equal("attachment", saved.Content.Headers.ContentDisposition?.DispositionType);
        }
    }

    [Fact]
    public async Task Without_a_token_another_sites_name_is_refused_and_its_pages_can_not_write()
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore());

        using var rebound = await bed.AskAsync("/", "Host: evil.example");
        using var address = await bed.AskAsync("/", "Host: 127.0.0.1:80");
        using var forged = await bed.Client.PostAsync("s/flush", new ByteArrayContent([]));

        Assert.Equal(HttpStatusCode.MisdirectedRequest, rebound.StatusCode);
        Assert.Equal(HttpStatusCode.OK, address.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);
    }

    [Fact]
    public async Task Figures_count_what_was_asked_by_what_it_was_for()
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore());
        for (var i = 0; i < 3; i++)
            (await bed.AskAsync("/h/none")).Dispose();
        await bed.ReadAsync("/");

        var figures = await bed.ReadAsync("/metrics");

        Assert.Contains("vt_http_requests_total{route=\"h\",status=\"4xx\"} 3\n", figures, StringComparison.Ordinal);
        Assert.Contains("vt_http_request_duration_seconds_count{route=\"h\"} 3\n", figures, StringComparison.Ordinal);
        Assert.Contains("vt_store_blocks 0\n", figures, StringComparison.Ordinal);
        Assert.All(figures.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => Assert.Matches(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+=""[^""]*""(,[a-z]+=""[^""]*"")*\})? [0-9.e+-]+)$", line));
    }

    [Theory]
    [InlineData("POST", "/", 405)]
    [InlineData("DELETE", "/h/x", 405)]
    [InlineData("GET", "/s/get", 405)]
    [InlineData("PUT", "/d/x/y", 405)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/s/nothing", 404)]
    [InlineData("GET", "/favicon.ico", 404)]
    public async Task What_there_is_not_is_refused(string method, string path, int status)
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore());

        using var response = await bed.AskAsync(new HttpMethod(method), path, "Vt-Protocol: 1");

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400")]
    [InlineData("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "200")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("nonsense\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("POST /s/get HTTP/1.1\r\nHost: localhost\r\nVt-Protocol: 1\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n", "413")]
    [InlineData("POST /s/get HTTP/1.1\r\nHost: localhost\r\nVt-Protocol: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n", "411")]
    public async Task A_request_that_is_none_is_refused(string request, string status)
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore());

        Assert.StartsWith($"HTTP/1.1 {status}", await RawClient.AskAsync(bed.Url, request), StringComparison.Ordinal);
        Assert.Equal("ok\n", await bed.ReadAsync("/healthz"));
    }

    [Fact]
    public async Task Lines_and_headers_that_are_too_long_are_refused()
    {
        await using var bed = await HttpBed.StartAsync(new MemoryStore());

        Assert.StartsWith("HTTP/1.1 414", await RawClient.AskAsync(bed.Url, $"GET /{new string('a', 100_000)} HTTP/1.1\r\nHost: a\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await RawClient.AskAsync(bed.Url, $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('a', 100_000)}\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await RawClient.AskAsync(bed.Url, $"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Range(0, 500).Select(static i => $"X{i}: y\r\n"))}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_or_absent_store_is_a_failure_and_never_an_empty_answer()
    {
        var inner = new MemoryStore();
        var root = await TreeAsync(inner, new string('x', 1000));
        var url = $"/d/{UrlPath.Encode(root.ToString())}/file";
        await using var away = await HttpBed.StartAsync(new FaultyStore(inner, [new FaultRule(FaultKind.Error)]));
        await using var missing = await HttpBed.StartAsync(new MemoryStore());

        using var unreachable = await away.AskAsync(url);
        using var lost = await missing.AskAsync(url);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, unreachable.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, lost.StatusCode);
        Assert.Single(missing.Log);
    }

    static async Task<Dirent> TreeAsync(MemoryStore store, string text)
    {
        using var folder = new TempFolder(inMemory: true);
        folder.Write("file", text);
        return (await new Vt.Trees.Import.Importer(store).ImportAsync(folder.Bytes)).Root;
    }

    static async Task<Vt.Blocks.Hashing.BlockHash?> CommitAsync(MemoryStore store, Volume volume, string text, string message)
    {
        var root = await TreeAsync(store, text);
        var who = new Signature("Ann", "ann@example.org", new Timestamp(1_700_000_000 + message.Length, 0), TimeSpan.Zero);
        return await volume.CommitAsync("main", (tip, _) => new ValueTask<Commit?>(new Commit
        {
            Root = root,
            Parents = tip is { } parent ? [parent] : [],
            Author = who,
            Committer = who,
            Message = Encoding.UTF8.GetBytes(message),
        }));
    }
}
