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
        Assert.Equal(["default", "images", "scratch", "office"], configuration.Clauses.Select(c => c.Name));
        Assert.Equal(128 << 10, ((DataDirSettings)configuration.Resolve("[images]", ConfigOrigin.BuiltIn)).BlockSize);
    }
}
