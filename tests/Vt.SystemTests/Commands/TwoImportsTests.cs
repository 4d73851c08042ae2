using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>Several imports into one archive at a time.</summary>
public sealed class TwoImportsTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;

    public TwoImportsTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_comes_by_a_pipe_is_added_to_what_another_import_has_added_meanwhile()
    {
        // The first has seen the archive when it has read more than a pipe holds, and gets the rest when the second is done.
        Shell.Succeed($"""
            set -e; cd '{_folder.Path}'
            mkdir one two && head -c 3000000 /dev/urandom > one/random && echo 2 > two/second && tar cf one.tar -C one random && mkfifo pipe
            {_vt.Line("import", "-q", _folder["two"], _folder["a.vt/before"])}
            {_vt.Line("import", "-q", "--tar", _folder["pipe"], _folder["a.vt/one"])} & first=$!
            exec 3>pipe
            head -c 2000000 one.tar >&3
            {_vt.Line("import", "-q", _folder["two"], _folder["a.vt/two"])}
            tail -c +2000001 one.tar >&3
            exec 3>&-
            wait $first
            """);
        Assert.Equal("2\n", _vt.Succeed("cat", _folder["a.vt/two/second"]));
        Assert.Equal("2\n", _vt.Succeed("cat", _folder["a.vt/before/second"]));
        _vt.Succeed("export", "-q", _folder["a.vt/one"], _folder["out"]);
        Shell.Succeed($"cmp '{_folder["out/random"]}' '{_folder["one/random"]}'");
        _vt.Succeed("fsck", _folder["a.vt"]);
    }

    [Fact]
    public void Many_folders_at_once_are_all_in_the_newest_state()
    {
        var lines = Enumerable.Range(0, 6).Select(i =>
            $"mkdir '{_folder[$"d{i}"]}' && echo {i} > '{_folder[$"d{i}/file"]}' && {_vt.Line("import", "-q", _folder[$"d{i}"], _folder[$"a.vt/d{i}"])} & pids=\"$pids $!\"");
        Shell.Succeed($"{string.Join('\n', lines)}\nfor pid in $pids; do wait $pid || exit 1; done");
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal($"{i}\n", _vt.Succeed("cat", _folder[$"a.vt/d{i}/file"])));
    }
}
