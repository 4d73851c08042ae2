namespace Vt.Tests.Architecture;

/// <summary>What the trimmer left of the program that ships, against what it was given.</summary>
public sealed class TrimmedProgramTests
{
    [TrimmedFact]
    public void A_lock_taken_in_a_handler_is_left_in_the_program_that_ships_too()
    {
        var lost = new List<string>();
        var compared = 0;
        var assemblies = Directory.GetFiles(TrimmedFactAttribute.Folder, "*.dll");
        foreach (var assembly in assemblies)
        {
            if (FindOriginal(Path.GetFileName(assembly)) is not { } original)
                continue;
            compared++;
            var before = MethodBodies.CountTriesInHandlers(original);
            foreach (var (method, count) in MethodBodies.CountTriesInHandlers(assembly))
            {
                if (before.TryGetValue(method, out var had) && count < had)
                    lost.Add($"{Path.GetFileName(assembly)}: {method} has {count} of {had}");
            }
        }

        Assert.Empty(lost);
        Assert.InRange(compared, assemblies.Length / 2, assemblies.Length);
    }

    static string? FindOriginal(string name)
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var version = Path.GetFileName(framework);
        string[] folders = [AppContext.BaseDirectory, framework, Path.Combine(framework, "..", "..", "Microsoft.AspNetCore.App", version)];
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
