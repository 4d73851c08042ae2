using Vt.Stores.Config;
using Vt.Tests.Architecture;

namespace Vt.Tests.Settings;

public sealed class ExampleTests
{
    [Fact]
    public void The_example_is_understood()
    {
        var configuration = Configuration.Load(new ConfigInputs
        {
            Environment = name => name == "HOME" ? "/home/none" : null,
            CurrentDirectory = "/",
            ConfigOption = Path.Combine(Checkout.Top, "vtrc.example"),
        });

        Assert.Equal("/home/none/.local/share/vt", configuration.BaseDirectory.Value);
        string[] names = ["default", "images", "scratch", "serve", "office", "attic", "bucket", "bounded", "nearby", "laptop", "photos", "mirror", "routed", "web", "brought"];
        Assert.Equal(names, configuration.Clauses.Select(c => c.Name));
        Assert.Equal("s3://backup/vt", ((S3Settings)configuration.Resolve("[bucket]", ConfigOrigin.BuiltIn)).Url);
        Assert.Equal(128 << 10, ((DataDirSettings)configuration.Resolve("[images]", ConfigOrigin.BuiltIn)).BlockSize);
    }
}
