using Vt.Tests.Support;

namespace Vt.SystemTests.Fuse;

/// <summary>The sample server on a mountpoint in a temporary folder.</summary>
sealed class SampleMount : IDisposable
{
    readonly string _folder;
    readonly bool _ownsFolder;

    SampleMount(string folder, bool ownsFolder, RealMount mount)
    {
        _folder = folder;
        _ownsFolder = ownsFolder;
        Mount = mount;
    }

    public RealMount Mount { get; }

    /// <summary>The server, built beside these tests.</summary>
    public static string Program
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            var configuration = folder.Name;
            return Path.Combine(folder.Parent!.Parent!.FullName, "Vt.TestServer", configuration, "vt-testserver");
        }
    }

    /// <summary>A path below the mountpoint.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    public static SampleMount Start(params string[] arguments) => StartSaying(null, arguments);

    /// <summary>Starts a server that says something of its own before it is mounted.</summary>
    public static SampleMount StartSaying(string? first, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("vt-mount-").FullName;
        try
        {
            return new SampleMount(folder, true, StartOn(folder, first, arguments));
        }
        catch
        {
            Directory.Delete(folder);
            throw;
        }
    }

    /// <summary>Starts the server on somebody else's mountpoint, and waits until it answers.</summary>
    public static RealMount StartOn(string folder, params string[] arguments) => StartOn(folder, null, arguments);

    static RealMount StartOn(string folder, string? first, string[] arguments)
    {
        var mount = RealMount.Start(Program, [.. arguments, folder], folder);
        if (first is not null)
            Assert.Equal(first, mount.ReadLine());
        Assert.Equal("mounted", mount.ReadLine());
        return mount;
    }

    public void Dispose()
    {
        Mount.Dispose();
        if (_ownsFolder)
            Directory.Delete(_folder);
    }
}
