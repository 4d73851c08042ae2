using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Config;

namespace Vt.Tests.Settings;

public sealed class ConfigurationTests : IDisposable
{
    readonly string _home = Directory.CreateTempSubdirectory("vt-config-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    ConfigInputs Inputs(params (string Name, string Value)[] variables) => new()
    {
        Environment = name => name == "HOME" ? _home : variables.FirstOrDefault(v => v.Name == name).Value,
        CurrentDirectory = "/home/here",
    };

    Configuration Load(string? file, params (string Name, string Value)[] variables) => Load(file, Inputs(variables));

    Configuration Load(string? file, ConfigInputs inputs)
    {
        if (file is not null)
            File.WriteAllText(Path.Combine(_home, ".vtrc"), file);
        return Configuration.Load(inputs);
    }

    string Fault(string file) => Assert.Throws<UserErrorException>(() => Load(file)).Message;

    [Fact]
    public void Without_a_file_the_built_in_settings_hold()
    {
        var configuration = Load(null);

        Assert.False(configuration.FileExists);
        Assert.Equal(Path.Combine(_home, ".vtrc"), configuration.File);
        Assert.Equal("built in", configuration.BaseDirectory.Origin.ToString());
        Assert.Equal(new DataDirSettings(Path.Combine(_home, ".local/share/vt/trove")), configuration.Resolve(configuration.Store));
        Assert.Equal(HashAlgorithmId.Blake3, configuration.Hash);
        Assert.Equal(Configuration.NoCache, configuration.CacheStore.Value);
    }

    [Fact]
    public void Each_layer_overlays_the_one_before()
    {
        const string File = "[GLOBAL]\nbasedir = /b\nstore = [fromfile]\nhashname = sha256\n[fromfile]\ntype = memory\n";

        Assert.Equal("[fromfile]", Load(File).Store.Value);
        Assert.Equal("[env]", Load(null, ("VT_STORE", "[env]")).Store.Value);
        Assert.Equal("environment VT_STORE", Load(null, ("VT_STORE", "[env]")).Store.Origin.ToString());
        var option = Load(null, Inputs(("VT_STORE", "[env]"), ("VT_HASHNAME", "sha3-256")) with { StoreOption = "/o" });
        Assert.Equal("/o", option.Store.Value);
        Assert.Equal("option -S", option.Store.Origin.ToString());
        Assert.Equal(HashAlgorithmId.Sha3, option.Hash);
        Assert.EndsWith(".vtrc:2", option.BaseDirectory.Origin.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_adds_to_the_built_in_clauses()
    {
        var configuration = Load("[default]\nhashname = sha256\n[other]\ntype = datadir\n");

        Assert.Equal(["default", "other"], configuration.Clauses.Select(c => c.Name));
        var store = Assert.IsType<DataDirSettings>(configuration.Resolve("[default]", ConfigOrigin.BuiltIn));
        Assert.Equal(Path.Combine(_home, ".local/share/vt/trove"), store.Path);
        Assert.Equal(HashAlgorithmId.Sha256, store.Hash);
        Assert.Equal(Path.Combine(_home, ".local/share/vt/other"), ((DataDirSettings)configuration.Resolve("[other]", ConfigOrigin.BuiltIn)).Path);
    }

    [Fact]
    public void A_clause_of_another_type_stands_alone()
    {
        var configuration = Load("[default]\ntype = memory\nmax_data = 1 MiB\n");

        Assert.Equal(new MemorySettings { MaxData = 1 << 20 }, configuration.Resolve(configuration.Store));
    }

    [Theory]
    [InlineData("[GLOBAL]\nbasdir = /x\n", ":2: 'basdir' is no setting of [GLOBAL]")]
    [InlineData("[default]\n\npth = /x\n", ":3: 'pth' is no setting of a datadir store")]
    [InlineData("[x]\npath = /x\n", ":1: clause [x] has no type")]
    [InlineData("[x]\ntype = filecache\n", ":2: 'filecache' is no store type; known types: datadir, memory, socket, tcp, ssh, command, s3, proxy, cache, file, platonic, http")]
    [InlineData("[x]\ntype = memory\nmax_data = lots\n", ":3: 'lots' is no size")]
    [InlineData("[x]\ntype = memory\nmax_data = 1k\n", ":3: max_data is 1000 bytes")]
    [InlineData("[x]\ntype = datadir\nblock_size = 1 MiB\n", ":3: block_size is 1048576 bytes; it must be from 1 KiB to 256 KiB")]
    [InlineData("[x]\ntype = datadir\npack_size = 1k\n", ":3: pack_size is 1000 bytes; it must be from 1 MiB to 16 GiB")]
    [InlineData("[x]\ntype = datadir\nlevel = 20\n", ":3: '20' is no compression level")]
    [InlineData("[x]\ntype = datadir\nhashname = md5\n", ":3: 'md5' is no hash algorithm")]
    [InlineData("[GLOBAL]\nhashname = md5\n", ":2: 'md5' is no hash algorithm")]
    [InlineData("[GLOBAL]\nbasedir = x\n", ":2: 'x' must start with")]
    [InlineData("[x]\ntype = datadir\npath = ~other/x\n", ":3: '~other/x' names another user's home")]
    public void What_is_not_known_is_named_by_file_and_line(string file, string message)
    {
        Assert.StartsWith(Path.Combine(_home, ".vtrc") + message, Fault(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/abs/x", "/abs/x")]
    [InlineData("./x", "/home/here/x")]
    [InlineData("../x", "/home/x")]
    [InlineData("x/y", "/base/x/y")]
    public void Paths_are_made_absolute(string written, string path)
    {
        var configuration = Load($"[GLOBAL]\nbasedir = /base\n[x]\ntype = datadir\npath = {written}\n");

        Assert.Equal(path, ((DataDirSettings)configuration.Resolve("[x]", ConfigOrigin.BuiltIn)).Path);
    }

    [Fact]
    public void A_tilde_is_the_home_folder()
    {
        var configuration = Load("[x]\ntype = datadir\npath = ~/x\n");

        Assert.Equal(Path.Combine(_home, "x"), ((DataDirSettings)configuration.Resolve("[x]", ConfigOrigin.BuiltIn)).Path);
    }

    [Fact]
    public void XDG_DATA_HOME_moves_the_base_folder_unless_it_is_relative()
    {
        Assert.Equal("/data/vt", Load(null, ("XDG_DATA_HOME", "/data")).BaseDirectory.Value);
        Assert.Equal("environment XDG_DATA_HOME", Load(null, ("XDG_DATA_HOME", "/data")).BaseDirectory.Origin.ToString());
        Assert.Equal(Path.Combine(_home, ".local/share/vt"), Load(null, ("XDG_DATA_HOME", "data")).BaseDirectory.Value);
    }

    [Fact]
    public void A_file_that_was_named_has_to_be_there()
    {
        var fault = Assert.Throws<UserErrorException>(() => Load(null, Inputs() with { ConfigOption = "./gone" }));

        Assert.StartsWith("/home/here/gone: there is no such configuration file (option -c)", fault.Message, StringComparison.Ordinal);
        Assert.False(Configuration.Load(Inputs(("VT_CONFIG", "/gone/x")), mustExist: false).FileExists);
    }

    [Fact]
    public void An_empty_cache_setting_means_none()
    {
        Assert.Equal(Configuration.NoCache, Load("[GLOBAL]\ncache_store = [default]\n", Inputs() with { CacheOption = "" }).CacheStore.Value);
    }

    [Fact]
    public void A_folder_in_the_place_of_the_file_is_an_error()
    {
        Directory.CreateDirectory(Path.Combine(_home, ".vtrc"));

        Assert.Contains("can't be read", Assert.Throws<UserErrorException>(() => Load(null)).Message, StringComparison.Ordinal);
    }
}
