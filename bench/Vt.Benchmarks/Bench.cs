namespace Vt.Benchmarks;

/// <summary>What every group of measurements gets: where the built command and the corpus are, a folder to work in, the report.</summary>
/// <param name="Vt">The path of the built <c>vt</c>.</param>
/// <param name="Corpus">The folder with the trees <c>v1</c> and <c>v2</c>.</param>
/// <param name="Scratch">A folder on a real disk, emptied afterwards.</param>
/// <param name="Report">Where the rows go.</param>
sealed record Bench(string Vt, string Corpus, string Scratch, Report Report)
{
    /// <summary>A folder below the scratch folder that is new and empty.</summary>
    public string Fresh(string name)
    {
        var path = Path.Combine(Scratch, name);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        Directory.CreateDirectory(path);
        return path;
    }
}
