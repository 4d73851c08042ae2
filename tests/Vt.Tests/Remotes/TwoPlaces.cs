using Vt.Tests.Commands;

namespace Vt.Tests.Remotes;

/// <summary>Two homes with a store each, of which each is the other's remote.</summary>
sealed class TwoPlaces : IDisposable
{
    /// <summary>Has a volume <c>v</c>.</summary>
    public VolumeRun Here { get; } = new();

    /// <summary>Has a store.</summary>
    public VolumeRun There { get; } = new();

    public void Deconstruct(out VolumeRun here, out VolumeRun there) => (here, there) = (Here, There);

    public async Task InitializeAsync()
    {
        await Here.InitAsync();
        await There.OkAsync("init");
        AddRemote(Here, "there", StoreOf(There));
        AddRemote(There, "here", StoreOf(Here));
    }

    public static string StoreOf(VolumeRun run) => Path.Combine(run.Program.Home, ".local/share/vt/trove");

    public void Dispose()
    {
        Here.Dispose();
        There.Dispose();
    }

    static void AddRemote(VolumeRun run, string name, string store) =>
        File.AppendAllText(Path.Combine(run.Program.Home, ".vtrc"), $"\n[{name}]\ntype = datadir\npath = {store}\n");
}
