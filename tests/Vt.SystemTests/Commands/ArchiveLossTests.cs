using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>Damage to the end of an archive file, which looks like a line that was never finished, is told, and mended by the next import.</summary>
public sealed class ArchiveLossTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly VtCommand _vt;

    public ArchiveLossTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("truncate 500")]
    [InlineData("truncate 20")]
    [InlineData("zero 20")]
    [InlineData("zero 500")]
    [InlineData("zero 1")]
    [InlineData("flip 1")]
    [InlineData("flip 30")]
    public void A_lost_state_is_named_and_the_next_import_puts_it_back(string damage)
    {
        var (source, archive) = (_folder.Make("source"), _folder["a.vt"]);
        for (var i = 1; i <= 3; i++)
        {
            _folder.Write($"source/file{i}", $"content {i}\n");
            _vt.Succeed("import", "-q", source, archive);
        }

        var states = _vt.Succeed("log", archive).Trim().Split('\n');
        Assert.Equal(3, states.Length);
        _vt.Succeed("fsck", "-q", "--all", archive);
        Damage(archive, damage);

        var found = _vt.Run("fsck", "-q", archive);
        Assert.Equal(1, found.ExitCode);
        var reference = states[0].Split("  ")[1];
        var line = Assert.Single(found.Output.Split('\n'), text => text.Contains(reference, StringComparison.Ordinal));
        Assert.StartsWith($"{archive}: ", line, StringComparison.Ordinal);
        Assert.Contains("the next import puts the state back", line, StringComparison.Ordinal);
        Assert.Equal("content 3\n", _vt.Succeed("cat", $"{reference}/file3"));

        // Nobody takes the older state for the newest.
        var listing = _vt.Run("ls", archive);
        Assert.Equal(0, listing.ExitCode);
        Assert.Contains("has lost its newest state", listing.Errors, StringComparison.Ordinal);

        // Nothing of what only the lost state had gets lost with it.
        File.Delete(Path.Combine(source, "file3"));
        _folder.Write("source/file4", "content 4\n");
        var import = _vt.Run("import", "-q", source, archive);
        Assert.Equal(0, import.ExitCode);
        Assert.Contains("is in it again", import.Errors, StringComparison.Ordinal);
        Assert.Equal("file1\nfile2\nfile3\nfile4\n", _vt.Succeed("ls", archive));
        var checkedAgain = _vt.Run("fsck", "-q", "--all", archive);
        Assert.Equal((0, "", ""), (checkedAgain.ExitCode, checkedAgain.Output, checkedAgain.Errors));
        Assert.Equal(states, _vt.Succeed("log", archive).Trim().Split('\n')[1..]);
    }

    [Fact]
    public void An_import_that_is_killed_at_any_boundary_of_the_archive_raises_no_alarm()
    {
        var (source, archive) = (_folder.Make("source"), _folder["a.vt"]);
        _folder.Write("source/file1", "content 1\n");
        _vt.Succeed("import", "-q", source, archive);
        _folder.Write("source/file2", "content 2\n");
        Shell.Succeed($"cp -r '{_vt.Store}' '{_folder["sound"]}' && cp '{archive}' '{_folder["sound.vt"]}'");

        // The archive's boundaries come last: where its line is written is found first.
        var (written, last) = (1, 512);
        while (written < last)
        {
            var middle = (written + last) / 2;
            if (ImportKilledAt(middle, source, archive).HasGrown)
                last = middle;
            else
                written = middle + 1;
        }

        var killed = 0;
        for (var (boundary, isDone) = (written - 4, false); !isDone; boundary++)
        {
            (isDone, var hasGrown) = ImportKilledAt(boundary, source, archive);
            Assert.Equal(boundary >= written, hasGrown);
            killed += isDone || !hasGrown ? 0 : 1;
            var check = _vt.Run("fsck", "-q", "--all", archive);
            Assert.True(check is { ExitCode: 0, Output: "", Errors: "" }, $"boundary {boundary}: {check.Output}{check.Errors}");
        }

        // At the line's, at its two syncs', and at each of the confirmation.
        Assert.True(killed >= 9, $"{killed} imports were killed after the line was written");
    }

    (bool IsDone, bool HasGrown) ImportKilledAt(int boundary, string source, string archive)
    {
        Shell.Succeed($"rm -rf '{_vt.Store}' && cp -r '{_folder["sound"]}' '{_vt.Store}' && cp '{_folder["sound.vt"]}' '{archive}'");
        var before = new FileInfo(archive).Length;
        _vt.Environment["VT_FAULT"] = $"kill:{boundary}";
        var import = _vt.Run("import", "-q", source, archive);
        _vt.Environment.Clear();
        Assert.True(import.ExitCode is 0 or 137, import.Errors);
        return (import.ExitCode == 0, new FileInfo(archive).Length > before);
    }

    static void Damage(string path, string how)
    {
        var bytes = File.ReadAllBytes(path);
        var count = int.Parse(how.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
        switch (how.Split(' ')[0])
        {
            case "truncate":
                bytes = bytes[..^count];
                break;
            case "zero":
                bytes.AsSpan(bytes.Length - count).Clear();
                break;
            default:
                bytes[^count] ^= 1;
                break;
        }

        File.WriteAllBytes(path, bytes);
    }
}
