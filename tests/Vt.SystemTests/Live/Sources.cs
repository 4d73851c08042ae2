namespace Vt.SystemTests.Live;

/// <summary>Where this repository lies.</summary>
static class Sources
{
    public static string Top { get; } = Find();

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Vt.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"Vt.sln is nowhere above {AppContext.BaseDirectory}");
    }
}
