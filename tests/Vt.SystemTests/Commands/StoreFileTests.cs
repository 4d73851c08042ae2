using Vt.Tests.Support;

namespace Vt.SystemTests.Commands;

/// <summary>A folder as a store file: every block that it is made of, for any store.</summary>
public sealed class StoreFileTests : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);
    readonly VtCommand _vt;
    readonly VtCommand _other;
    readonly string _source;

    public StoreFileTests()
    {
        _vt = new VtCommand(_folder["home"]);
        _vt.Succeed("init");
        _other = new VtCommand(_folder["elsewhere"]);
        _other.Succeed("init");
        _source = _folder.Make("source");
        new TreeGenerator(12, 0.3).Make(_source);
        _vt.Succeed("import", "-q", _source, _folder["a.vt"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("links")]
    public void Among_the_packs_of_an_empty_store_it_is_the_whole_folder(string path)
    {
        var root = _vt.Succeed("archive", "-q", "--as", "vtd", Path.Combine(_folder["a.vt"], path), Path.Combine(_other.Store, "packs")).Trim();
        var pack = Assert.Single(Directory.GetFiles(Path.Combine(_other.Store, "packs"), "*.vtd"));
        Assert.Equal(root, _other.Succeed("dump", pack).Trim());
        _other.Succeed("export", "-q", root, _folder["restored"]);

        // Names outside of the folder are not taken along.
        Assert.DoesNotContain(
            TreeComparer.Compare(Path.Combine(_source, path), _folder["restored"]), difference => path.Length == 0 || !difference.Contains(": links ", StringComparison.Ordinal));
        _other.Succeed("datadir", "reindex");
        var verified = _other.Run("datadir", "verify");
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        var checkedTree = _other.Run("fsck", root);
        Assert.True(checkedTree.ExitCode == 0, checkedTree.Output + checkedTree.Errors);

        // The same again, whenever it is made.
        _vt.Succeed("archive", "-q", "--as", "vtd", Path.Combine(_folder["a.vt"], path), _folder["again.vtd"]);
        Assert.Equal(File.ReadAllBytes(pack), File.ReadAllBytes(_folder["again.vtd"]));
    }

    [RootFact]
    public void A_mount_gives_it_too()
    {
        if (MountAbility.WhyNot() is not null)
            return;
        var root = _vt.Succeed("archive", "-q", "--as", "vtd", _folder["a.vt"], _folder["whole.vtd"]).Trim();
        var point = _folder.Make("mnt");
        _vt.Succeed("mount", "-d", "-r", _folder["a.vt"], point);
        try
        {
            Shell.Succeed($"cmp '{point}/.vt-archive.vtd' '{_folder["whole.vtd"]}' && cp '{point}/.vt-archive.vtd' '{_folder["copy.vtd"]}'");
            Assert.Equal(root, _other.Succeed("dump", _folder["copy.vtd"]).Trim());
        }
        finally
        {
            Shell.Succeed($"umount '{point}'");
        }
    }

    [Fact]
    public void A_damaged_or_foreign_file_is_refused()
    {
        _vt.Succeed("archive", "-q", "--as", "vtd", _folder["a.vt"], _folder["whole.vtd"]);
        var bytes = File.ReadAllBytes(_folder["whole.vtd"]);
        foreach (var at in new[] { 3, 60, 130, 200, 300 })
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x40;
            File.WriteAllBytes(_folder["damaged.vtd"], damaged);
            Assert.NotEqual(0, _vt.Run("dump", _folder["damaged.vtd"]).ExitCode);
        }

        File.WriteAllBytes(_folder["damaged.vtd"], bytes[..100]);
        Assert.NotEqual(0, _vt.Run("dump", _folder["damaged.vtd"]).ExitCode);
    }
}
