using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Vt.Tests.Architecture;

/// <summary>Holds the arrows of the design: which project may see which, where native calls may stand, how long a file may be.</summary>
public sealed partial class ArchitectureTests
{
    const int LongestFile = 600;

    static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Vt.Posix"] = [],
        ["Vt.Blocks"] = [],
        ["Vt.Fuse"] = ["Vt.Posix"],
        ["Vt.Stores"] = ["Vt.Blocks", "Vt.Posix"],
        ["Vt.Trees"] = ["Vt.Blocks", "Vt.Posix"],
        ["Vt.Files"] = ["Vt.Blocks", "Vt.Posix", "Vt.Trees"],
        ["Vt.Volumes"] = ["Vt.Blocks", "Vt.Posix", "Vt.Trees"],
        ["Vt.Hosts"] = ["Vt.Blocks", "Vt.Files", "Vt.Fuse", "Vt.Posix", "Vt.Stores", "Vt.Trees", "Vt.Volumes"],
        ["Vt"] = ["Vt.Blocks", "Vt.Files", "Vt.Fuse", "Vt.Hosts", "Vt.Posix", "Vt.Stores", "Vt.Trees", "Vt.Volumes"],
    };

    [GeneratedRegex(@"\b(LibraryImport|DllImport)\b")]
    private static partial Regex NativeCall();

    [GeneratedRegex(@"^\s*#region", RegexOptions.Multiline)]
    private static partial Regex Region();

    static string Source => Path.Combine(Checkout.Top, "src");

    static IEnumerable<string> SourceFiles(string top) => Directory.EnumerateFiles(top, "*.cs", SearchOption.AllDirectories);

    static XDocument ProjectOf(string name) => XDocument.Load(Path.Combine(Source, name, name + ".csproj"));

    [Fact]
    public void The_projects_are_those_of_the_design()
    {
        Assert.Equal(Arrows.Keys.Order(), Directory.GetDirectories(Source).Select(d => Path.GetFileName(d)).Order());
    }

    [Fact]
    public void Arrows_run_only_as_the_design_says()
    {
        foreach (var (name, below) in Arrows)
        {
            var references = ProjectOf(name).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!))
                .Order();
            Assert.True(references.SequenceEqual(below.Order()), $"{name} references {string.Join(", ", references)}");
        }
    }

    [Fact]
    public void Transitive_references_are_off()
    {
        var properties = XDocument.Load(Path.Combine(Checkout.Top, "Directory.Build.props"));

        Assert.Equal("true", properties.Descendants("DisableTransitiveProjectReferences").Single().Value);
    }

    [Fact]
    public void Unsafe_code_is_allowed_only_where_the_kernel_is_spoken_to()
    {
        foreach (var name in Arrows.Keys)
        {
            var isAllowed = ProjectOf(name).Descendants("AllowUnsafeBlocks").Any(e => e.Value == "true");
            Assert.Equal(name is "Vt.Posix" or "Vt.Fuse", isAllowed);
        }
    }

    [Fact]
    public void Native_calls_stand_only_where_the_kernel_is_spoken_to()
    {
        foreach (var name in Arrows.Keys.Where(n => n is not ("Vt.Posix" or "Vt.Fuse")))
        {
            foreach (var file in SourceFiles(Path.Combine(Source, name)))
                Assert.False(NativeCall().IsMatch(File.ReadAllText(file)), file);
        }
    }

    [Fact]
    public void No_source_file_is_too_long_or_folded_into_regions()
    {
        foreach (var file in SourceFiles(Source))
        {
            var text = File.ReadAllText(file);
            Assert.True(text.Count(c => c == '\n') <= LongestFile, $"{file} has more than {LongestFile} lines");
            Assert.False(Region().IsMatch(text), file);
        }
    }
}
