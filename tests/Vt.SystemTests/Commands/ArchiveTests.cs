using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>What <c>vt archive</c> writes, read by the programs that people read it with.</summary>
public sealed class ArchiveTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly VtCommand _vt;
    readonly string _source;

    public ArchiveTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
        _source = _folder.Make("source");
        new TreeGenerator(11, 0.5).Make(_source);

        // No archive can hold them.
        Shell.Succeed($"find '{_source}' -type s -delete; touch -d '1966-05-04 03:02:01.25Z' '{_source}/sizes/source.c'");
        _vt.Succeed("import", "-q", _source, _folder["a.vt"]);
    }

    public void Dispose() => _folder.Dispose();

    string Tar => _folder["a.tar"];

    string Line => $"env VT_CONFIG='{_folder["home"]}/vtrc' VT_STORE='{_vt.Store}' '{VtCommand.Executable}'";

    [RootFact]
    public void GNU_tar_brings_everything_back()
    {
        _vt.Succeed("archive", "-q", _folder["a.vt"], Tar);
        var restored = _folder.Make("restored");
        Assert.Equal("", Shell.Succeed($"tar -xpf '{Tar}' --warning=no-timestamp --xattrs --xattrs-include='*' --acls --same-owner --numeric-owner -C '{restored}'"));
        Assert.Empty(TreeComparer.Compare(_source, restored));
        Assert.Equal("", Shell.Succeed($"rsync -aHAXni --delete '{_source}/' '{restored}/'"));
    }

    [RootFact]
    public void GNU_tar_brings_access_lists_back_from_their_text()
    {
        Shell.Succeed($"echo > '{_source}/listed'; setfacl -m u:1234:rx,g:99:w '{_source}/listed'; mkdir '{_source}/giving'; setfacl -d -m u:1234:rx '{_source}/giving'");
        _vt.Succeed("import", "-q", _source, _folder["a.vt"]);
        _vt.Succeed("archive", "-q", _folder["a.vt"], Tar);
        var restored = _folder.Make("restored");
        Shell.Succeed($"tar -xpf '{Tar}' --acls -C '{restored}'");
        Assert.Equal(Shell.Succeed($"cd '{_source}'; getfacl -n listed giving"), Shell.Succeed($"cd '{restored}'; getfacl -n listed giving"));
    }

    [RootFact]
    public void Bsdtar_brings_everything_back()
    {
        if (!MountAbility.HasProgram("bsdtar"))
            return;
        _vt.Succeed("archive", "-q", _folder["a.vt"], Tar);
        var restored = _folder.Make("restored");
        Assert.Equal("", Shell.Succeed($"bsdtar -xpf '{Tar}' --acls --xattrs --numeric-owner -C '{restored}'"));

        // It takes the fraction of a time before 1970 for positive, and leaves the folder itself alone.
        Shell.Succeed($"touch -r '{_source}' '{restored}'; for name in 0.bin source.c; do touch -r '{_source}/sizes/'$name '{restored}/sizes/'$name; done");
        Assert.Equal("", Shell.Succeed($"rsync -aHAXni --delete '{_source}/' '{restored}/'"));
    }

    [RootFact]
    public void Python_brings_content_and_metadata_back()
    {
        _vt.Succeed("archive", "-q", _folder["a.vt"], Tar);
        var restored = _folder.Make("restored");
        Shell.Succeed($"python3 -c \"import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], numeric_owner=True)\" '{Tar}' '{restored}'");
        Assert.Equal("", Shell.Succeed($"rsync -aHni --checksum --modify-window=1 --omit-link-times --delete '{_source}/' '{restored}/'"));
    }

    [Fact]
    public void Standard_output_gets_the_same_bytes_and_a_failed_archive_leaves_nothing()
    {
        _vt.Succeed("archive", "-q", _folder["a.vt"], Tar);
        Assert.Equal("", Shell.Succeed($"{Line} archive -q '{_folder["a.vt"]}' | cmp - '{Tar}'"));
        Assert.Equal("", Shell.Succeed($"{Line} archive -q '{_folder["a.vt"]}' - | cmp - '{Tar}'"));
        Assert.Contains("links/first", Shell.Succeed($"{Line} archive -q '{_folder["a.vt"]}' | tar t"), StringComparison.Ordinal);
        Assert.Equal("1", Shell.Succeed($"{Line} archive -q '{_folder["a.vt"]}/many' | tar t | grep -c entry-000001$"));

        // Where blocks are gone the old file stays, and nothing lies beside it.
        File.WriteAllText(Tar, "mine");
        Shell.Succeed($"rm '{_vt.Store}'/packs/*.vtd");
        Assert.NotEqual(0, _vt.Run("archive", "-q", _folder["a.vt"], Tar).ExitCode);
        Assert.Equal("mine", File.ReadAllText(Tar));
        Assert.Equal("a.tar", Shell.Succeed($"cd '{_folder.Path}'; ls -A | grep tar"));
    }

    [RootFact]
    public void A_device_or_fifo_is_written_to_and_a_link_stays_a_link()
    {
        _vt.Succeed("archive", "-q", _folder["a.vt"], Tar);
        Shell.Succeed($"cd '{_folder.Path}'; mknod null c 1 3; mknod full c 1 7; mkfifo fifo; echo before > real; ln -s real link");
        _vt.Succeed("archive", "-q", _folder["a.vt"], _folder["null"]);
        Shell.Succeed($"cd '{_folder.Path}'; cmp a.tar fifo & {Line} archive -q a.vt fifo && wait $! && [ -p fifo ] && [ -c null ]");
        _vt.Succeed("archive", "-q", _folder["a.vt"], _folder["link"]);
        Shell.Succeed($"cd '{_folder.Path}'; [ -L link ] && cmp a.tar real");
        var full = _vt.Run("archive", "-q", _folder["a.vt"], _folder["full"]);
        Assert.Equal(1, full.ExitCode);
        Assert.Contains("No space left on device", Assert.Single(full.Errors.Trim().Split('\n')), StringComparison.Ordinal);
        Shell.Succeed($"cd '{_folder.Path}'; [ -c full ] && [ -z \"$(find . -name '*.part')\" ]");
    }

    [Fact]
    public void A_format_that_there_is_not_is_told_on_one_line_with_those_that_there_are()
    {
        var refused = _vt.Run("archive", "--as", "zip", _folder["a.vt"], Tar);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("Must be one of: 'tar' 'vtd'", Assert.Single(refused.Errors.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(File.Exists(Tar));
    }

    [Fact]
    public void A_terminal_gets_no_archive()
    {
        var (code, output) = Shell.Run($"script -qec \"{Line} archive '{_folder["a.vt"]}'\" /dev/null");
        Assert.NotEqual(0, code);
        Assert.Contains("nothing for a terminal", output, StringComparison.Ordinal);
    }
}
