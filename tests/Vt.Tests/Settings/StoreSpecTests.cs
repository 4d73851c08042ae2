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
    [InlineData("", "the store spec is empty")]
    [InlineData("[nowhere]", "there is no clause [nowhere]")]
    [InlineData("[default", "the clause's name has no closing ]")]
    [InlineData("[default],", "is empty")]
    [InlineData(",[default]", "is empty")]
    [InlineData("[default],,/x", "is empty")]
    [InlineData("[default],[nowhere]", "there is no clause [nowhere]")]
    [InlineData("proxy(hedge=off)", "a proxy of no store")]
    [InlineData("proxy(save=[default],hedge=soon)", "'soon' is no time for hedge")]
    [InlineData("tcp:host:1234", "'tcp:host:1234' names no store type that is known")]
    [InlineData("|ssh host vt", "names no store type")]
    [InlineData("s3://bucket", "names no store type")]
    [InlineData("trove", "'trove' names no store type")]
    [InlineData("/x/vt.sock", "looks like a socket")]
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
