using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Vt.Blocks.Contracts;
using Vt.Stores.Config;
using Vt.Stores.Http;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Http;

/// <summary>The real program, a real browser, and a real server of files.</summary>
[Collection(WebCollection.Name)]
public sealed class WebTests(WebSite site)
{
    const string State = "/a/photos/last/";

    [Fact]
    public void A_browser_shows_the_pages_and_nothing_that_is_stored_runs_in_it()
    {
        var front = site.Browse("/");
        Assert.Contains("<title>What is stored here</title>", front, StringComparison.Ordinal);
        Assert.Contains("href=\"/a/photos/\"", front, StringComparison.Ordinal);
        var archive = site.Browse("/a/photos/");
        Assert.Contains("href=\"last/\"", archive, StringComparison.Ordinal);
        var folder = site.Browse(State);
        Assert.Contains("<title>newest state – vt</title>", folder, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", folder, StringComparison.Ordinal);
        Assert.DoesNotMatch("<[^>]* onmouseover=", folder);
        Assert.Contains("Read &lt;b&gt;this&lt;/b&gt; first.", folder, StringComparison.Ordinal);

        // A stored page is shown, and its script is not run.
        Assert.Contains("<title>mine</title>", site.Browse($"{State}docs/page.html"), StringComparison.Ordinal);

        // Each link of the page leads somewhere.
        foreach (Match link in Regex.Matches(folder, "<td class=\"name[^\"]*\"><a href=\"\\./([^\"]+)\""))
            Assert.Matches("^(200|302)$", Shell.Succeed($"curl -s -o /dev/null -w '%{{http_code}}' '{site.Served}a/photos/last/{WebUtility.HtmlDecode(link.Groups[1].Value)}'"));
        Assert.Contains("<th scope=\"col\" class=\"num\" aria-sort=\"descending\">", site.Browse($"{State}?sort=size&order=desc"), StringComparison.Ordinal);
        Assert.True(site.Draw(State).Length > 20_000);
    }

    [Fact]
    public void What_is_downloaded_is_what_was_stored_whole_in_parts_and_compressed()
    {
        foreach (var name in (string[])["noise.bin", "words.txt"])
        {
            var sum = Shell.Succeed($"md5sum < '{site.Tree}/{name}'");
            var url = $"'{site.Served}a/photos/last/{name}'";
            Assert.Equal(sum, Shell.Succeed($"curl -sf {url} | md5sum"));
            Assert.Equal(sum, Shell.Succeed($"curl -sf --compressed {url} | md5sum"));
            Assert.Equal(sum, Shell.Succeed($"(curl -sf -r 0-9999 {url}; curl -sf -r 10000- {url}) | md5sum"));
        }

        Assert.Equal(
            Shell.Succeed($"cd '{site.Tree}' && find . -type f | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 md5sum"),
            Shell.Succeed($"d=$(mktemp -d) && curl -sf '{site.Served}a/photos/last/?archive=tar' | tar -xC $d && cd $d && find . -type f | LC_ALL=C sort | tr '\\n' '\\0' | xargs -0 md5sum; rm -r $d"));
    }

    [Fact]
    public async Task An_exported_store_is_read_through_nginx_and_every_block_is_what_its_name_says()
    {
        await using var store = await OpenAsync(new Uri(site.Plain, "export/"));
        var names = Directory.GetFiles(Path.Combine(site.Export, "h"), "*.blake3", SearchOption.AllDirectories);
        var hashes = names.Select(static name => Vt.Blocks.Hashing.BlockHash.TryParse(Path.GetFileName(name), out var hash) ? hash : throw new InvalidOperationException(name)).ToArray();
        var leases = new BlockLease[hashes.Length];
        await store.GetManyAsync(hashes, leases);
        for (var i = 0; i < hashes.Length; i++)
        {
            var file = await File.ReadAllBytesAsync(names[i]);
            Assert.True(leases[i].Span.SequenceEqual(file));
            leases[i].Dispose();
        }

        var absent = TestBlock.Of(store.Hasher, [1, 2, 3]);
        var present = new bool[2];
        await store.ContainsManyAsync(new[] { absent.Hash, hashes[0] }, present);
        Assert.Equal([false, true], present);
        Assert.False(await TestBlock.IsInAsync(store, absent));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => TestBlock.AddAsync(store, absent));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await ((IRefStore)store).TryMoveAsync("a", null, "b", ""));
        var reference = await ((IRefStore)store).ListAsync("archives/").SingleAsync();
        Assert.Contains("photos.vt", await ((IRefStore)store).ReadAsync(reference), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_was_changed_on_the_way_is_reported()
    {
        var name = Directory.GetFiles(Path.Combine(site.Export, "h"), "*.blake3", SearchOption.AllDirectories).First(static file => new FileInfo(file).Length > 1000);
        Assert.True(Vt.Blocks.Hashing.BlockHash.TryParse(Path.GetFileName(name), out var hash));
        var sound = await File.ReadAllBytesAsync(name);
        var damaged = sound.ToArray();
        damaged[500] ^= 1;
        await using var store = await OpenAsync(new Uri(site.Plain, "export/"));
        try
        {
            File.Delete(name);
            await File.WriteAllBytesAsync(name, damaged);
            Assert.Equal(hash, (await Assert.ThrowsAsync<BlockCorruptException>(async () => await store.GetAsync(hash))).Hash);
        }
        finally
        {
            await File.WriteAllBytesAsync(name, sound);
        }
    }

    [Fact]
    public void The_commands_read_both_and_write_to_a_server_that_lets_them()
    {
        var root = site.Vt.Succeed("ls", "-d", "--json", "photos.vt");
        foreach (var url in (Uri[])[site.Served, new Uri(site.Plain, "export/")])
            Assert.Equal(root, site.Vt.Succeed("-S", url.AbsoluteUri, "ls", "-d", "--json", "photos.vt"));
        Assert.Equal(0, site.Vt.Run("-S", new Uri(site.Plain, "export/").AbsoluteUri, "fsck", "photos.vt").ExitCode);
        var refused = site.Vt.Run("-S", site.Served.AbsoluteUri, "import", "tree", "other.vt");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--writable", refused.Errors, StringComparison.Ordinal);
        var writable = site.StartServer("127.0.0.1:0", "--writable", "-S", "memory(max_data=1GiB)");
        site.Vt.Succeed("-S", writable.AbsoluteUri, "import", "tree", "remote.vt");
        Assert.Equal(Shell.Succeed($"md5sum < '{site.Tree}/noise.bin'"), Shell.Succeed($"{site.Vt.Line("-S", writable.AbsoluteUri, "cat", $"{site.Tree}/../remote.vt/noise.bin")} | md5sum"));
        Assert.Equal(0, site.StopLast());
    }

    [Fact]
    public void An_export_that_was_broken_off_is_finished_and_a_second_writes_nothing()
    {
        using var folder = new TempFolder();
        site.Vt.Succeed("static", folder["x"]);
        Assert.Equal("""{"blocks":0,"bytes":0}""", site.Vt.Succeed("static", "--json", folder["x"]).Trim());
        var lost = Directory.GetFiles(folder["x/h"], "*.blake3", SearchOption.AllDirectories)[0];
        var length = new FileInfo(lost).Length;
        File.Delete(lost);
        File.WriteAllText(folder["x/.vt-unfinished"], "");
        Assert.Equal($$"""{"blocks":1,"bytes":{{length}}}""", site.Vt.Succeed("static", "--json", folder["x"]).Trim());
        Assert.True(File.Exists(lost) && !File.Exists(folder["x/.vt-unfinished"]));
    }

    [Fact]
    public async Task A_thousand_connections_are_held_and_those_beyond_are_refused_in_little_memory()
    {
        var url = site.StartServer("127.0.0.1:0", "--max-connections", "1000");
        var id = int.Parse(Shell.Succeed($"ss -ltnpH 'sport = :{url.Port}' | grep -o 'pid=[0-9]*' | cut -d= -f2"));
        var content = UrlOf(site.Vt.Succeed("stat", "--json", "photos.vt/noise.bin"));
        var request = Encoding.ASCII.GetBytes($"GET {content} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var sockets = new List<Socket>();
        try
        {
            // All ask for 16 MiB and read nothing of it but that it begins: who has not asked yet would make room for others.
            for (var i = 0; i < 1000; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await socket.ConnectAsync(IPAddress.Loopback, url.Port);
                await socket.SendAsync(request);
                sockets.Add(socket);
            }

            foreach (var socket in sockets)
                Assert.Equal(1, await socket.ReceiveAsync(new byte[1]));
            var refused = 0;
            for (var i = 0; i < 1000; i++)
            {
                using var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await one.ConnectAsync(IPAddress.Loopback, url.Port);
                    await one.SendAsync(request);
                    refused += await one.ReceiveAsync(new byte[1]) == 0 ? 1 : 0;
                }
                catch (SocketException)
                {
                    // Closed before it could even ask.
                    refused++;
                }
            }

            // On a machine that is busy the server may by now have given up some of those who read nothing.
            Assert.InRange(refused, 1, 1000);
            var memory = long.Parse(Shell.Succeed($"awk '/VmRSS/ {{ print $2 }}' /proc/{id}/status"));
            Assert.InRange(memory, 1, 256 << 10);
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }

        Assert.Equal("ok", Shell.Succeed($"curl -s --retry 10 --retry-all-errors '{url}healthz'"));
        site.StopLast();
    }

    [Fact]
    public async Task A_server_that_is_ended_finishes_what_it_was_asked()
    {
        var url = site.StartServer("127.0.0.1:0");
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(url, "a/photos/last/noise.bin"), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1000]);

        var ending = Task.Run(site.StopLast);
        var read = 1000L;
        var buffer = new byte[1 << 16];
        for (int count; (count = await body.ReadAsync(buffer)) > 0;)
            read += count;

        Assert.Equal(new FileInfo($"{site.Tree}/noise.bin").Length, read);
        Assert.Equal(0, await ending);
    }

    [Fact]
    public void Other_machines_are_served_with_a_token_or_not_at_all()
    {
        using var folder = new TempFolder();
        Assert.Contains("--token-file", site.Vt.Run("httpd", "0.0.0.0:0").Errors, StringComparison.Ordinal);
        Assert.Contains("may not write", site.Vt.Run("httpd", ":0", "--public", "--writable").Errors, StringComparison.Ordinal);
        Assert.Contains("anybody on this machine may read", site.Vt.Run("httpd", "--token-file", folder.Write("open", "0123456789abcdef0123\n")).Errors, StringComparison.Ordinal);
        Shell.Succeed($"chmod 600 '{folder.Write("short", "secret\n")}'");
        Assert.Contains("is no token", site.Vt.Run("httpd", "--token-file", folder["short"]).Errors, StringComparison.Ordinal);
        Assert.Contains("is no address", site.Vt.Run("httpd", "somewhere:99999").Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_encrypts_with_a_certificate_which_the_store_may_be_pinned_to()
    {
        using var folder = new TempFolder();
        Shell.Succeed($"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout '{folder["key.pem"]}' -out '{folder["cert.pem"]}'");
        Shell.Succeed($"chmod 600 '{folder.Write("token", "0123456789abcdef0123\n")}'");
        var url = site.StartServer("127.0.0.1:0", "--tls-cert", folder["cert.pem"], "--tls-key", folder["key.pem"], "--token-file", folder["token"]);
        Assert.Equal("https", url.Scheme);
        var pin = Shell.Succeed($"openssl x509 -in '{folder["cert.pem"]}' -outform der | sha256sum | cut -d' ' -f1");
        foreach (var trust in (string[])[$"ca_file={folder["cert.pem"]}", $"pin={pin}"])
            Assert.Contains("noise.bin", site.Vt.Succeed("-S", $"http(url={url},token_file={folder["token"]},{trust})", "ls", "photos.vt"), StringComparison.Ordinal);
        foreach (var trust in (string[])["timeout=5", $"pin={new string('0', 64)}"])
            Assert.Contains("no secure connection", site.Vt.Run("-S", $"http(url={url},token_file={folder["token"]},{trust})", "ls", "photos.vt").Errors, StringComparison.Ordinal);
        Assert.Contains("a token is wanted", site.Vt.Run("-S", $"http(url={url},pin={pin})", "ls", "photos.vt").Errors, StringComparison.Ordinal);
        site.StopLast();
    }

    [Fact]
    public void A_unix_socket_is_served_and_read_and_goes_with_its_server()
    {
        using var folder = new TempFolder();
        var path = folder["vt.sock"];
        var server = site.Vt.Start("httpd", $"unix:{path}");
        try
        {
            Assert.Contains(path, server.StandardError.ReadLine(), StringComparison.Ordinal);
            Assert.Equal("600", Shell.Succeed($"stat -c %a '{path}'"));
            Assert.Equal("ok", Shell.Succeed($"curl -s --unix-socket '{path}' http://localhost/healthz"));
            Assert.Contains("noise.bin", site.Vt.Succeed("-S", $"http(url=http://localhost/,socket={path})", "ls", "photos.vt"), StringComparison.Ordinal);
        }
        finally
        {
            Shell.Succeed($"kill -TERM {server.Id}");
            server.WaitForExit();
            server.Dispose();
        }

        Assert.False(File.Exists(path));
    }

    static Task<IBlockStore> OpenAsync(Uri url) => HttpStoreOpener.OpenAsync(new HttpSettings(url), new StoreOpenOptions());

    static string UrlOf(string stat) => $"/i/{Uri.EscapeDataString(Regex.Match(stat, "\"ref\":\"([^\"]+)\"").Groups[1].Value)}";
}
