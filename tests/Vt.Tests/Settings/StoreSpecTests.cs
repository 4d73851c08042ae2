using Vt.Blocks.Contracts;
using Vt.Blocks.Hashing;
using Vt.Stores.Config;

namespace Vt.Tests.Settings;

public sealed class StoreSpecTests
{
    static readonly Configuration Configuration = Vt.Stores.Config.Configuration.Load(new ConfigInputs
    {
        Environment = name => name switch { "HOME" => "/home/none", "XDG_DATA_HOME" => "/data", _ => null },
        CurrentDirectory = "/here",
    });

    static StoreSettings Resolve(string spec) => Configuration.Resolve(spec, ConfigOrigin.OfOption("-S"));

    [Theory]
    [InlineData("[default]", "/data/vt/trove")]
    [InlineData("[ \"default\" ]", "/data/vt/trove")]
    [InlineData("\"[default]\"", "/data/vt/trove")]
    [InlineData("/srv/my store, the second", "/srv/my store, the second")]
    [InlineData("./x", "/here/x")]
    [InlineData("..", "/")]
    [InlineData("~/x", "/home/none/x")]
    [InlineData("datadir(path=/x)", "/x")]
    [InlineData("datadir( path = \"./a,b)\" )", "/here/a,b)")]
    [InlineData("datadir(path=x)", "/data/vt/x")]
    public void A_spec_names_a_folder(string spec, string path)
    {
        Assert.Equal(path, Assert.IsType<DataDirSettings>(Resolve(spec)).Path);
    }

    [Fact]
    public void Settings_stand_in_brackets()
    {
        Assert.Equal(new MemorySettings { MaxData = 8L << 30 }, Resolve("memory(max_data=8 GiB)"));
        Assert.Equal(new MemorySettings(), Resolve("memory()"));
        Assert.Equal(new DataDirSettings("/x") { Hash = HashAlgorithmId.Sha256, BlockSize = 65536 }, Resolve("datadir(path=/x,hashname=sha256,block_size=64KiB)"));
    }

    [Theory]
    [InlineData("/run/vt.sock", "/run/vt.sock")]
    [InlineData("./x.sock", "/here/x.sock")]
    [InlineData("unix:/run/vt", "/run/vt")]
    [InlineData("unix:vt", "/data/vt/vt")]
    [InlineData("socket(path=vt)", "/data/vt/vt")]
    public void A_spec_names_a_socket(string spec, string path)
    {
        Assert.Equal(path, Assert.IsType<SocketSettings>(Resolve(spec)).Path);
    }

    [Theory]
    [InlineData("tcp:host:1234", "host", 1234, "")]
    [InlineData("tcp://host:1234/photos", "host", 1234, "photos")]
    [InlineData("tcp:host", "host", TcpSettings.StandardPort, "")]
    [InlineData("tcp::99", "localhost", 99, "")]
    [InlineData("tcp:[fe80::1]:99", "fe80::1", 99, "")]
    [InlineData("tcp://[::1]/x", "::1", TcpSettings.StandardPort, "x")]
    [InlineData("tcp(host=host,port=7,export=y,connections=3)", "host", 7, "y")]
    public void A_spec_names_a_port(string spec, string host, int port, string export)
    {
        var settings = Assert.IsType<TcpSettings>(Resolve(spec));

        Assert.Equal((host, port, export, "/data/vt/secret"), (settings.Host, settings.Port, settings.Export, settings.SecretFile));
    }

    [Theory]
    [InlineData("ssh://host", "host", "vt serve -")]
    [InlineData("ssh://me@host:22/srv/it's", "-p 22 -- me@host", "vt -S '/srv/it'\\''s' serve -")]
    [InlineData("ssh://host/~/x", "host", "vt -S '~/x' serve -")]
    [InlineData("ssh://host/[far]", "host", "vt -S '[far]' serve -")]
    [InlineData("ssh(host=h,store=\"|x\",program=/opt/vt)", "h", "/opt/vt -S '|x' serve -")]
    [InlineData("ssh(host=h,connections=2)", "h", "vt serve - --join SESSION")]
    public void A_spec_names_a_machine(string spec, string host, string command)
    {
        var arguments = Assert.IsType<SshSettings>(Resolve(spec)).ArgumentsFor("SESSION");

        Assert.EndsWith($"{host} {command}", string.Join(' ', arguments), StringComparison.Ordinal);
        Assert.Equal("--", arguments[^3]);
    }

    [Fact]
    public void Further_channels_of_ssh_go_from_a_socket_here_to_one_there()
    {
        var settings = Assert.IsType<SshSettings>(Resolve("ssh(host=h,channels=5)"));
        var line = string.Join(' ', settings.ArgumentsFor("SESSION", channels: ("/here/s", "/there/s")));
        Assert.Equal(4, settings.FurtherChannels);
        Assert.Contains(" -L /here/s:/there/s ", line, StringComparison.Ordinal);
        Assert.EndsWith("h vt serve - --channels /there/s", line, StringComparison.Ordinal);
        Assert.Equal(0, Assert.IsType<SshSettings>(Resolve("ssh(host=h,connections=2)")).FurtherChannels);
        Assert.Equal(0, Assert.IsType<SshSettings>(Resolve("ssh(host=h,channels=1)")).FurtherChannels);
    }

    [Fact]
    public void A_spec_names_a_command()
    {
        Assert.Equal("ssh host vt serve -", Assert.IsType<CommandSettings>(Resolve("| ssh host vt serve -")).Command);
    }

    [Theory]
    [InlineData("[default],/x")]
    [InlineData(" [default] , /x ")]
    [InlineData("\"[default]\",\"/x\"")]
    [InlineData("[default],datadir(path=/x)")]
    [InlineData("datadir(path=/data/vt/trove),\"/x\"")]
    [InlineData("proxy(save=[default],read=[default],read2=/x)")]
    [InlineData("proxy(save=[default],read2=\"/x\")")]
    public void Commas_make_a_chain(string spec)
    {
        var (first, second) = (new DataDirSettings("/data/vt/trove"), new DataDirSettings("/x"));
        Assert.Equal(new ProxySettings { Save = new(first), Read = new(first), ReadElse = new(second) }, Resolve(spec));
    }

    [Fact]
    public void A_proxy_has_lists_and_routes()
    {
        var (one, two) = (new DataDirSettings("/one"), new DataDirSettings("/two, too"));
        var proxy = new ProxySettings
        {
            Save = new(one, two),
            SaveElse = new(new MemorySettings()),
            Read = new(two),
            References = [new RefRouteSettings(new DataDirSettings("/data/vt/trove"), "volumes/*"), new RefRouteSettings(new DataDirSettings("/data/vt/trove"), "*")],
            HedgeDelay = TimeSpan.FromMilliseconds(50),
        };
        Assert.Equal(
            proxy,
            Resolve("proxy(save=\"datadir(path=/one),\\\"/two, too\\\"\", save2=\"memory()\", read=\"/two, too\", archives=\"[default]volumes/*,[default]\", hedge=50)"));
        Assert.True(Assert.IsType<ProxySettings>(Resolve("proxy(save=[default],hedge=off)")).IsHedgeOff);
    }

    [Theory]
    [InlineData("/x/one.vtd", "/x/one.vtd")]
    [InlineData("file:/x/one.vtd", "/x/one.vtd")]
    [InlineData("file:///x/one", "/x/one")]
    [InlineData("file:one.vtd", "HERE/one.vtd")]
    [InlineData("one.vtd", "HERE/one.vtd")]
    [InlineData("file(path=\"/x/a, b.vtd\")", "/x/a, b.vtd")]
    public void A_store_file_is_named_by_its_path(string spec, string path) =>
        Assert.Equal(path, Assert.IsType<PackFileSettings>(Resolve(spec)).Path.Replace(Resolve("file:./x") is PackFileSettings here ? here.Path[..^2] : "", "HERE", StringComparison.Ordinal));

    [Theory]
    [InlineData("", "the store spec is empty")]
    [InlineData("[nowhere]", "there is no clause [nowhere]")]
    [InlineData("[default", "the clause's name has no closing ]")]
    [InlineData("gopher:host:1234", "'gopher:host:1234' names no store type that is known")]
    [InlineData("tcp:host:port", "'tcp:host:port' is no address")]
    [InlineData("tcp:[::1:80", "has no closing ]")]
    [InlineData("tcp(host=x,server_key=abc)", "'abc' is no key")]
    [InlineData("tcp(host=x,port=0)", "'0' is no port")]
    [InlineData("ssh://-oProxyCommand=x/y", "is no machine's name")]
    [InlineData("ssh://host:0/y", "'0' is no port")]
    [InlineData("ssh:host", "write ssh://[USER@]HOST")]
    [InlineData("socket()", "needs a path")]
    [InlineData("socket(path=/x,timeout=never)", "'never' is no number of seconds")]
    [InlineData("command(command=x,ask_first=maybe)", "'maybe' is neither yes nor no")]
    [InlineData("[default],", "is empty")]
    [InlineData(",[default]", "is empty")]
    [InlineData("[default],,/x", "is empty")]
    [InlineData("[default],[nowhere]", "there is no clause [nowhere]")]
    [InlineData("proxy(hedge=off)", "a proxy of no store")]
    [InlineData("proxy(save=[default],hedge=soon)", "'soon' is no time for hedge")]
    [InlineData("trove", "'trove' names no store type")]
    [InlineData("file:", "the path is empty")]
    [InlineData("file()", "needs a path")]
    [InlineData("file(path=/x.vtd,size=1)", "'size' is no setting of a file store")]
    [InlineData("datadir", "'datadir' must be followed by its settings")]
    [InlineData("datadir()", "needs a path")]
    [InlineData("datadir(path=/x", "no closing )")]
    [InlineData("datadir(path=/x,path=/y)", "'path' is set twice")]
    [InlineData("datadir(path=/x,size=3)", "'size' is no setting of a datadir store")]
    [InlineData("memory(max_data=8 GiB) x", "'x' follows the store spec")]
    [InlineData("memory(max_data=\"8 GiB)", "no closing quote")]
    [InlineData("memory(=3)", "where key=value should be")]
    public void What_is_no_spec_is_refused_with_its_place(string spec, string message)
    {
        var fault = Assert.Throws<UserErrorException>(() => Resolve(spec)).Message;

        Assert.StartsWith("option -S: ", fault, StringComparison.Ordinal);
        Assert.Contains(message, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_text_comes_it_is_read_or_refused()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        const string Alphabet = "[]()\"\\,= ./~dmx|:8k";
        string[] starts = ["", "datadir(path=", "memory(max_data=", "[default", "\""];
        for (var i = 0; i < 20000; i++)
        {
            var text = starts[random.Next(starts.Length)];
            for (var length = random.Next(12); length > 0; length--)
                text += Alphabet[random.Next(Alphabet.Length)];
            var failure = Record.Exception(() => Resolve(text));
            Assert.True(failure is null or UserErrorException, $"seed {seed}, '{text}': {failure}");
        }
    }
}
