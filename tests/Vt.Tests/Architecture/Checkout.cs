namespace Vt.Tests.Architecture;

/// <summary>The working copy that these tests were built from.</summary>
static class Checkout
{
    /// <summary>Its top folder.</summary>
    public static string Top { get; } = Find();

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Vt.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("the tests do not lie in a working copy");
    }
}
