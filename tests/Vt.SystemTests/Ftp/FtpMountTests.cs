using Vt.SystemTests.Commands;
using Vt.SystemTests.Live;
using Vt.Tests.Support;

namespace Vt.SystemTests.Ftp;

/// <summary>Sessions in live mounts: everything is done there at once.</summary>
public sealed class FtpMountTests
{
    [RootFact]
    public void Every_command_works_in_a_mount()
    {
        using var mount = new LiveMount();
        mount.Run("mkdir -p docs/sub; echo alpha > docs/a; echo beta > docs/b; ln docs/a docs/a2; ln -s a docs/l; touch docs/.hidden");
        File.WriteAllText(mount.Folder["local"], "local\n");

        string Session(string commands, string target = "")
        {
            var completed = mount.Vt.Run("-q", "ftp", mount[target], "-c", $"lcd {mount.Folder.Path}; {commands}");
            Assert.True(completed.ExitCode == 0, $"{commands}: {completed.Errors}");
            return completed.Output;
        }

        Assert.Equal("a\na2\nb\nl\nsub\n", Session("cd docs; ls"));
        Assert.Equal("/docs\n.hidden\na\na2\nb\nl\nsub\n", Session("pwd; ls -a", "docs"));
        Assert.Equal("docs/a\ndocs/a2\nalpha\nbeta\n", Session("ls docs/a*; cat docs/a docs/b"));
        Assert.Matches("^-rw-r--r--  2 root root +6 .* docs/a\nlrwxrwxrwx.* docs/l -> a\n$", Session("ls -l docs/a docs/l"));
        Session("mkdir -p n/m; put local n; put local n/other; chmod 4600 n/local; mv n/other n/m; cp n/local n/copy; cp -r docs n/docs; ln n/local n/hard; ln -s local n/soft");
        mount.Run("[ $(cat n/local n/m/other n/copy n/hard n/soft | sort -u) = local ]; [ $(stat -c %h n/hard) = 2 ]; [ $(stat -c %a n/hard) = 4600 ]; diff -r docs n/docs; [ n/docs/a -ef n/docs/a2 ]");
        Session("cp -r docs c; mv n/copy n/local; rm -r n/docs n/m; rm docs/b; get n/local back; get -r c; rm -f none");
        Assert.Equal("local\n", File.ReadAllText(mount.Folder["back"]));
        Shell.Succeed($"diff -r '{mount["c"]}' '{mount.Folder["c"]}'; cd '{mount.Folder.Path}'; [ c/a -ef c/a2 ]; [ $(readlink c/l) = a ]; [ $(stat -c %a back) = 4600 ]");
        Assert.Matches("Kind: +file\nSize: +6\n(.*\n)*Text: +F\\{", Session("inspect docs/a"));
        var text = Session("quit").Trim();
        Assert.StartsWith("D{", text, StringComparison.Ordinal);
        Assert.Equal("c\ndocs\nn\n", mount.Vt.Succeed("ls", text));
        mount.Remount();
        mount.Run("[ $(ls -A n | wc -l) = 3 ]; [ $(cat n/local) = local ]");
    }

    [RootFact]
    public void References_are_bound_and_merged_in_a_mount()
    {
        using var mount = new LiveMount();
        mount.Run("mkdir docs; echo alpha > docs/a; chmod 640 docs/a; mkdir plain; echo p > plain/p");
        mount.Vt.Succeed("sync", mount.Point);
        var before = mount.Vt.Succeed("-q", "ftp", mount.Point, "-c", "quit").Trim();

        mount.Vt.Succeed("-q", "ftp", mount.Point, "-c", $"bind file {before}/docs/a; bind tree {before}/plain; rm plain/p");
        mount.Run("[ $(cat file tree/p | tr -d '\\n') = alphap ]; [ $(stat -c %a file) = 640 ]");
        Assert.Contains("is there already", mount.Vt.Run("-q", "ftp", mount.Point, "-c", $"bind file {before}/docs/a").Errors, StringComparison.Ordinal);

        // What the state had and nobody changed since comes by a merge from what both come from.
        var theirs = mount.Vt.Succeed("-q", "ftp", before, "-c", "mkdir theirs; rm docs/a").Trim();
        mount.Vt.Succeed("-q", "ftp", mount.Point, "-c", $"merge {theirs} {before}");
        mount.Run("[ -d theirs ]; [ ! -e docs/a ]; [ ! -e plain/p ]; [ -f file ]");
        mount.Remount();
        mount.Run("[ -d theirs ]; [ ! -e docs/a ]");
    }

    [RootFact]
    public void A_whole_tree_goes_in_and_comes_back_as_it_was()
    {
        using var mount = new LiveMount();
        var source = mount.Folder.Make("tree");
        new TreeGenerator(29, 0.15).Make(source);
        Shell.Succeed($"cd '{source}'; truncate -s 40M sparse; echo end >> sparse; setfattr -n user.note -v said sparse; chmod 2750 .; touch -d @1000000000.123456789 .");

        mount.Vt.Succeed("-q", "ftp", mount.Point, "-c", $"put -r {source}; get -r tree {mount.Folder["back"]}");

        Assert.Empty(TreeComparer.Compare(source, mount["tree"]));
        Assert.Empty(TreeComparer.Compare(source, mount.Folder["back"]));
        Assert.Equal("", Shell.Succeed($"find '{mount.Point}' '{mount.Folder["back"]}' -name '.vtftp-*'"));
        Assert.InRange(long.Parse(Shell.Succeed($"stat -c %b '{mount.Folder["back/sparse"]}'"), System.Globalization.CultureInfo.InvariantCulture), 0, 1000);
    }

    [RootFact]
    public void An_archive_that_is_mounted_is_worked_on_in_its_mount()
    {
        using var mount = new LiveMount();
        mount.Run("echo alpha > a");

        var completed = mount.Vt.Run("ftp", mount.Archive, "-c", "cat a; mkdir made");

        Assert.Equal((0, "alpha\n"), (completed.ExitCode, completed.Output));
        Assert.True(Directory.Exists(mount["made"]));
    }

    [RootFact]
    public void What_fails_in_a_mount_says_why()
    {
        using var mount = new LiveMount();
        mount.Run("mkdir -p docs/deep; echo alpha > docs/a; ln -s / out");
        foreach (var (commands, why) in new[]
        {
            ("rm docs", "rm -r removes it"),
            ("cat docs", "has no content"),
            ("mkdir docs", "File exists"),
            ("cd out", "is a symlink"),
            ("cat out/etc/passwd", "there is no /out/etc/passwd"),
            ("mv docs docs/deep", "is within"),
            ("commit -m x", "is no volume's tree"),
            ("bind x F{ref:B{0000000000000000000000000000000000000000000000000000000000000000.blake3,span:5}}", "does not have that"),
        })
        {
            var completed = mount.Vt.Run("-q", "ftp", mount.Point, "-c", commands);
            Assert.Equal((1, ""), (completed.ExitCode, completed.Errors.Contains(why, StringComparison.Ordinal) ? "" : completed.Errors));
        }

        Assert.True(Directory.Exists(mount["docs/deep"]));
    }
}
