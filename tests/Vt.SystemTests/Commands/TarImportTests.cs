using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>Archives that tar makes, taken in as trees, and compared by tar with what comes out.</summary>
public sealed class TarImportTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;
    readonly string _source;

    public TarImportTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
        _source = _folder.Make("source");
    }

    public void Dispose() => _folder.Dispose();

    [RootTheory]
    [InlineData("pax", "--acls --xattrs --xattrs-include='*' --sparse")]
    [InlineData("pax", "--sparse --sparse-version=0.0")]
    [InlineData("pax", "--sparse --sparse-version=0.1")]
    [InlineData("gnu", "--sparse")]
    [InlineData("oldgnu", "--sparse")]
    [InlineData("ustar", "--numeric-owner")]
    public void What_tar_archives_comes_back_as_it_was(string format, string options)
    {
        Fill(withLongNames: format is "pax" or "gnu");
        Shell.Succeed($"tar --format={format} {options} -C '{_source}' -cf '{_folder["x.tar"]}' .");
        _vt.Succeed("import", "-q", "--tar", _folder["x.tar"], _folder["x.vt"]);
        _vt.Succeed("fsck", "-q", _folder["x.vt"]);
        _vt.Succeed("export", "-q", _folder["x.vt"], _folder["restored"]);
        var (status, compared) = Shell.Run($"cd '{_folder["restored"]}' && tar {(options.Contains("--acls", StringComparison.Ordinal) ? "--acls --xattrs" : "")} --compare -f '{_folder["x.tar"]}' 2>&1");
        Assert.True(status == 0, compared);

        // The same once more changes nothing.
        Assert.Contains("nothing has changed", _vt.Run("import", "--tar", _folder["x.tar"], _folder["x.vt"]).Errors, StringComparison.Ordinal);
    }

    [RootFact]
    public void It_is_cut_as_an_import_of_the_files_is()
    {
        Fill(withLongNames: true);
        _vt.Succeed("import", "-q", _source, _folder["files.vt"]);
        Shell.Succeed($"tar --format=pax --acls --xattrs --xattrs-include='*' --sparse -C '{_source}' -cf '{_folder["x.tar"]}' .");
        _vt.Succeed("import", "-q", "--tar", _folder["x.tar"], _folder["x.vt"]);
        Assert.Empty(_vt.Succeed("diff", _folder["files.vt"], _folder["x.vt"]));

        // All content is there already: what is new are directories.
        var other = new VtCommand(_folder["elsewhere"]);
        other.Succeed("init");
        other.Succeed("import", "-q", _source, _folder["other.vt"]);
        var again = other.Succeed("import", "-q", "--json", "--tar", _folder["x.tar"], _folder["tar.vt"]);
        using var json = System.Text.Json.JsonDocument.Parse(again);
        Assert.InRange(json.RootElement.GetProperty("new_bytes").GetInt64(), 0, 40_000);
    }

    [RootFact]
    public void What_vt_archives_it_takes_in_and_a_pipe_will_do()
    {
        Fill(withLongNames: true);
        _vt.Succeed("import", "-q", _source, _folder["files.vt"]);
        var program = $"'{VtCommand.Executable}' -c /dev/null -S '{_vt.Store}'";
        Shell.Succeed($"{program} archive '{_folder["files.vt"]}' | {program} import -q --tar - '{_folder["x.vt"]}'");
        Shell.Succeed($"{program} archive '{_folder["files.vt"]}' | gzip | {program} import -q --tar - '{_folder["gz.vt"]}'");
        Shell.Succeed($"{program} archive '{_folder["files.vt"]}' | zstd -q | {program} import -q --tar - '{_folder["zst.vt"]}'");
        _vt.Succeed("export", "-q", _folder["x.vt"], _folder["restored"]);
        Assert.Empty(TreeComparer.Compare(_source, _folder["restored"]));
        Assert.Empty(_vt.Succeed("diff", _folder["x.vt"], _folder["gz.vt"]));
        Assert.Empty(_vt.Succeed("diff", _folder["x.vt"], _folder["zst.vt"]));

        // And out again, the same bytes.
        _vt.Succeed("archive", "-q", _folder["files.vt"], _folder["one.tar"]);
        _vt.Succeed("archive", "-q", _folder["x.vt"], _folder["two.tar"]);
        Assert.True(File.ReadAllBytes(_folder["one.tar"]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder["two.tar"])));
    }

    [Fact]
    public void What_is_there_stays_unless_it_is_to_go()
    {
        File.WriteAllText(Path.Combine(_source, "kept"), "kept");
        Directory.CreateDirectory(Path.Combine(_source, "folder"));
        File.WriteAllText(Path.Combine(_source, "folder/old"), "old");
        _vt.Succeed("import", "-q", _source, _folder["x.vt"]);
        var second = _folder.Make("second");
        Directory.CreateDirectory(Path.Combine(second, "folder"));
        File.WriteAllText(Path.Combine(second, "folder/new"), "new");
        File.WriteAllText(Path.Combine(second, "skipped.o"), "object");
        Shell.Succeed($"tar -C '{second}' -cf '{_folder["x.tar"]}' .");
        _vt.Succeed("import", "-q", "--exclude", "*.o", "--tar", _folder["x.tar"], _folder["x.vt"]);
        Assert.Equal("./\nfolder/\nfolder/new\nfolder/old\nkept", Shell.Succeed($"'{VtCommand.Executable}' -c /dev/null -S '{_vt.Store}' archive '{_folder["x.vt"]}' | tar t | sort"));
        _vt.Succeed("import", "-q", "--delete", "--exclude", "*.o", "--tar", _folder["x.tar"], _folder["x.vt"]);
        Assert.Equal("./\nfolder/\nfolder/new", Shell.Succeed($"'{VtCommand.Executable}' -c /dev/null -S '{_vt.Store}' archive '{_folder["x.vt"]}' | tar t | sort"));
        _vt.Succeed("import", "-q", "--tar", _folder["x.tar"], _folder["x.vt"] + "/below/here");
        Assert.Equal("new", _vt.Succeed("cat", _folder["x.vt"] + "/below/here/folder/new"));
    }

    [Fact]
    public void Paths_that_lead_elsewhere_are_harmless_and_said()
    {
        File.WriteAllText(_folder["outside"], "outside");
        File.WriteAllText(Path.Combine(_source, "inner"), "inner");
        Shell.Succeed($"""
            cd '{_source}' && ln -s /etc link && tar -cf '{_folder["x.tar"]}' inner link &&
            tar -P --transform 's,inner,../../escaped,' -rf '{_folder["x.tar"]}' inner &&
            tar -P --transform 's,inner,/absolute/name,' -rf '{_folder["x.tar"]}' inner &&
            tar -P --transform 's,inner,link/through,' -rf '{_folder["x.tar"]}' inner &&
            tar -P --transform 's,inner,a/./b//c,' -rf '{_folder["x.tar"]}' inner
            """);
        var imported = _vt.Run("import", "-q", "--tar", _folder["x.tar"], _folder["x.vt"]);
        Assert.Equal(3, imported.ExitCode);
        Assert.Contains("../../escaped: left out: it has .. in its path", imported.Errors, StringComparison.Ordinal);
        Assert.Contains("/absolute/name: paths that begin with / are taken below the top", imported.Errors, StringComparison.Ordinal);
        Assert.Contains("link/through: left out: its path leads through a symbolic link", imported.Errors, StringComparison.Ordinal);
        Assert.Equal("inner", _vt.Succeed("cat", _folder["x.vt"] + "/absolute/name"));
        Assert.Equal("inner", _vt.Succeed("cat", _folder["x.vt"] + "/a/b/c"));
        Assert.DoesNotContain("escaped", _vt.Succeed("ls", "-R", _folder["x.vt"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_what_is_damaged_or_no_archive_nothing_is_added()
    {
        Shell.Succeed($"head -c 300000 /dev/urandom > '{_source}/big' && tar -C '{_source}' -cf '{_folder["x.tar"]}' . && gzip -k '{_folder["x.tar"]}' && xz -k '{_folder["x.tar"]}' && zstd -qk '{_folder["x.tar"]}'");
        Shell.Succeed($"cd '{_folder.Path}' && head -c 200000 x.tar > cut.tar && head -c 200000 x.tar.gz > cut.tar.gz && head -c 200000 x.tar.zst > cut.tar.zst && echo hello > text && : > empty");
        foreach (var name in (string[])["cut.tar", "cut.tar.gz", "cut.tar.zst", "text", "x.tar.xz", "nowhere", "source"])
        {
            var refused = _vt.Run("import", "-q", "--tar", _folder[name], _folder["x.vt"]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Single(refused.Errors.TrimEnd().Split('\n'));
            Assert.False(File.Exists(_folder["x.vt"]));
        }

        // Members that are whole and nothing behind them: taken, and said.
        Shell.Succeed($"head -c $(( $(stat -c %s '{_folder["x.tar"]}') / 512 * 512 - 10240 + 6144 )) '{_folder["x.tar"]}' > /dev/null; tar -C '{_source}' -b 1 -cf - . | head -c -1024 > '{_folder["unended.tar"]}'");
        var unended = _vt.Run("import", "-q", "--tar", _folder["unended.tar"], _folder["x.vt"]);
        Assert.Equal(3, unended.ExitCode);
        Assert.Contains("without an end mark", unended.Errors, StringComparison.Ordinal);
    }

    void Fill(bool withLongNames)
    {
        var more = withLongNames ? "mkdir -p $(printf 'd%.0s' $(seq 120))/$(printf 'e%.0s' $(seq 120)) && cp file $(printf 'd%.0s' $(seq 120))/$(printf 'e%.0s' $(seq 120))/$(printf 'f%.0s' $(seq 120))" : "true";
        Shell.Succeed($"""
            cd '{_source}' && mkdir -p 'a b/deep' empty && echo content > file && echo umlaut > 'a b/ü?.txt' && printf x > $(printf '\377')
            ln file 'a b/hard' && ln -s nowhere sym && ln -s $(printf 'x%.0s' $(seq 90)) longsym && mkfifo fifo && mknod dev c 1 3 && mknod block b 7 99
            head -c 3000000 /dev/urandom > big && truncate -s 5M sparse && echo tail >> sparse && truncate -s 300K small && echo t >> small && truncate -s 70M hole && : > nothing
            for i in 1 2 3 4 5 6 7 8; do dd if=/dev/urandom of=many bs=4096 count=1 seek=$((i * 10)) conv=notrunc status=none; done
            setfattr -n user.x -v y big && setfattr -n user.a=b% -v 1 file && setfacl -m u:daemon:rw,g:1234:r big && setfacl -d -m u:daemon:rx empty
            chmod 4755 nothing && chmod 1777 empty && chown 1234:5678 small && touch -d '2001-02-03 04:05:06.123456789' file && {more}
            """);
    }
}
