using System.Text.Json;
using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>Files and folders that are published, and their addresses wherever a reference is taken.</summary>
public sealed class PublishTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly VtCommand _vt;
    readonly string _source;

    public PublishTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
        _source = _folder.Make("some folder");
        new TreeGenerator(15, 0.2).Make(_source);
        Directory.CreateDirectory(Path.Combine(_source, "a b"));
        File.WriteAllText(Path.Combine(_source, "a b", "ü?#%.txt"), "content\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folders_address_is_taken_by_every_command_that_takes_a_reference()
    {
        var uri = _vt.Succeed("publish", "-q", _source).Trim();
        Assert.EndsWith("/some%20folder/", uri, StringComparison.Ordinal);
        var file = uri + "a%20b/%C3%BC%3F%23%25.txt";
        Assert.Equal("content\n", _vt.Succeed("cat", file));
        Assert.Contains("ü?#%.txt", _vt.Succeed("ls", "-R", uri), StringComparison.Ordinal);
        Assert.Contains("a\\x20b", _vt.Succeed("dump", uri), StringComparison.Ordinal);
        _vt.Succeed("stat", file);
        _vt.Succeed("fsck", "-q", uri);
        _vt.Succeed("diff", uri, uri);
        _vt.Succeed("archive", "-q", uri, _folder["x.tar"]);
        _vt.Succeed("static", "-q", _folder["static"], uri);
        _vt.Succeed("pack", "-q", _folder["x.vtd"], uri);
        Assert.Contains("trees/some_folder ", _vt.Succeed("dump", _folder["x.vtd"]), StringComparison.Ordinal);
        _vt.Succeed("export", "-q", uri, _folder["restored"]);
        Assert.Empty(TreeComparer.Compare(_source, _folder["restored"]));

        // The same again has the same address.
        Assert.Equal(uri, _vt.Succeed("publish", "-q", _source).Trim());
        Assert.Single(_vt.Succeed("publish", "--list").TrimEnd().Split('\n'));
    }

    [RootFact]
    public void It_can_be_mounted()
    {
        if (MountAbility.WhyNot() is not null)
            return;
        var uri = _vt.Succeed("publish", "-q", _source).Trim();
        _vt.Succeed("mount", "-d", "-r", uri, _folder.Make("mnt"));
        try
        {
            Assert.Empty(TreeComparer.Compare(_source, _folder["mnt"]));
        }
        finally
        {
            Shell.Succeed($"umount '{_folder["mnt"]}'");
        }
    }

    [Fact]
    public void What_is_published_is_kept_until_it_is_removed()
    {
        File.WriteAllText(_folder["note.txt"], "note\n");
        using var json = JsonDocument.Parse(_vt.Succeed("publish", "-q", "--json", "--http", "https://vt.example.org/", _folder["note.txt"]));
        var uri = json.RootElement.GetProperty("uri").GetString()!;
        Assert.Equal("https://vt.example.org/d/" + uri["x-vt:/".Length..], json.RootElement.GetProperty("http").GetString());
        var reference = json.RootElement.GetProperty("reference").GetString()!;
        Assert.StartsWith("published/note.txt-", reference, StringComparison.Ordinal);
        Assert.Contains(uri, _vt.Succeed("publish", "--list"), StringComparison.Ordinal);
        Assert.Equal("note\n", _vt.Succeed("cat", $"{reference}/note.txt"));
        Assert.Equal("note\n", _vt.Succeed("cat", $"x-vt:/{reference.Replace("/", "%2F", StringComparison.Ordinal)}/note.txt"));
        _vt.Succeed("publish", "-q", "--remove", uri);
        Assert.Empty(_vt.Succeed("publish", "--list"));
        Assert.Equal(1, _vt.Run("publish", "--remove", uri).ExitCode);
    }

    [Fact]
    public void The_store_that_an_address_names_gives_what_is_not_here()
    {
        using var server = _vt.Start("httpd", "127.0.0.1:0");
        try
        {
            var line = server.StandardError.ReadLine()!;
            var place = line[(line.LastIndexOf('/') + 1)..];
            var uri = _vt.Succeed("publish", "-q", "--host", place, "--http", $"http://{place}", _source).Trim().Split('\n');
            Assert.StartsWith($"x-vt://{place}/", uri[0], StringComparison.Ordinal);
            Assert.Equal("content", Shell.Succeed($"curl -sf '{uri[1]}a%20b/%C3%BC%3F%23%25.txt'"));

            var other = new VtCommand(_folder["elsewhere"]);
            other.Succeed("init");
            other.Succeed("export", "-q", uri[0], _folder["restored"]);
            Assert.Empty(TreeComparer.Compare(_source, _folder["restored"]));

            // By a clause too, and without a store of one's own.
            File.WriteAllText(_folder["elsewhere/vtrc"], $"[there]\ntype = http\nurl = http://{place}/\n");
            Assert.Equal("content\n", other.Succeed("-S", _folder["nothing"], "cat", uri[0].Replace($"//{place}/", "//there/", StringComparison.Ordinal) + "a%20b/%C3%BC%3F%23%25.txt"));

            // Without it the block is missing, and nothing is asked.
            Assert.Equal(1, other.Run("ls", uri[0].Replace($"//{place}/", "/", StringComparison.Ordinal)).ExitCode);
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    [Fact]
    public void No_address_runs_a_command()
    {
        var mark = _folder["ran"];
        File.AppendAllText(_folder["home/vtrc"], $"\n[cmd]\ntype = command\ncommand = touch {mark}\n[chain]\ntype = proxy\nsave = [cmd]\n[cached]\ntype = cache\npath = {_folder["cache"]}\nstore = [cmd]\n");
        foreach (var authority in (string[])["cmd", "chain", "cached", $"|touch {mark}", $"%7Ctouch%20{mark}", $"-oProxyCommand=touch {mark}", "[cmd]"])
        {
            var refused = _vt.Run("ls", $"x-vt://{authority}/name/x");
            Assert.Equal(1, refused.ExitCode);
            Assert.Single(refused.Errors.TrimEnd().Split('\n'));
        }

        Assert.False(File.Exists(mark));
    }

    [Fact]
    public void A_command_line_that_says_two_things_is_refused()
    {
        foreach (var arguments in (string[][])[["publish"], ["publish", "--list", _source], ["publish", "--host", "a|b", _source], ["publish", "--http", "ftp://x", _source], ["publish", "/"]])
            Assert.Equal(1, _vt.Run(arguments).ExitCode);
    }
}
