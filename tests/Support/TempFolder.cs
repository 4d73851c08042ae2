namespace Vt.Tests.Support;

/// <summary>A folder of one test's own, gone afterwards.</summary>
public sealed class TempFolder : IDisposable
{
    const string Memory = "/dev/shm";

    /// <summary>Makes a folder.</summary>
    /// <param name="inMemory">Whether it may lie in memory, for tests that sync a thousand times.</param>
    public TempFolder(bool inMemory = false) => Path = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"vt-test-{Guid.NewGuid():n}")).FullName
        : Directory.CreateTempSubdirectory("vt-test-").FullName;

    public string Path { get; }

    /// <summary>A path below the folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
