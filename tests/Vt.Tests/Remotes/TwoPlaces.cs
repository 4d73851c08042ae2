using Vt.Tests.Commands;

namespace Vt.Tests.Remotes;

/// <summary>Two homes with a store each, of which each is the other's remote.</summary>
sealed class TwoPlaces : IDisposable
{
    TwoPlaces()
    {
    }

    /// <summary>Has a volume <c>v</c>.</summary>
    public VolumeRun Here { get; } = new();

    /// <summary>Has a store.</summary>
    public VolumeRun There { get; } = new();

    public static async Task<TwoPlaces> MakeAsync()
    {
        var places = new TwoPlaces();
        await places.Here.InitAsync();
        await places.There.OkAsync("init");
        AddRemote(places.Here, "there", StoreOf(places.There));
        AddRemote(places.There, "here", StoreOf(places.Here));
        return places;
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
