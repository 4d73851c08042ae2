using System.Text;
using Vt.Blocks.Hashing;
using Vt.Tests.Trees;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;
using Vt.Volumes.Commits;

namespace Vt.Tests.Volumes;

/// <summary>Random commits and their parts.</summary>
static class VolumeSamples
{
    static readonly string[] _names = ["Ann", "Björn Ångström", "王小明", "O'Neill \"Q\"", "a b  c", "D. E. F-G, Jr."];

    public static Signature Signature(Random random) => new(
        _names[random.Next(_names.Length)],
        random.Next(4) == 0 ? "" : $"someone{random.Next(1000)}@example.org",
        new Timestamp(random.NextInt64(-1L << 40, 1L << 40), (uint)random.Next(1_000_000_000)),
        TimeSpan.FromMinutes(random.Next(-14 * 60, 14 * 60 + 1)));

    public static Commit Commit(Random random)
    {
        var author = Signature(random);
        return new Commit
        {
            Root = Samples.Dirent(random),
            Parents = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new BlockHash(HashAlgorithmId.Blake3, Samples.Bytes(random, 32, 32)))],
            Author = author,
            Committer = random.Next(2) == 0 ? author : Signature(random),
            Message = Array.FindAll(Samples.Bytes(random, 0, 200), static b => b != 0),
            Labels = Labels(random),
            Provenance = Labels(random),
        };
    }

    public static Commit Of(Dirent root, string message, ManualClock clock, params BlockHash[] parents)
    {
        var signature = new Signature("Ann", "ann@example.org", Timestamp.From(clock.GetUtcNow()), TimeSpan.FromHours(2));
        return new Commit { Root = root, Parents = parents, Author = signature, Committer = signature, Message = Encoding.UTF8.GetBytes(message) };
    }

    static Dictionary<string, string> Labels(Random random)
    {
        var labels = new Dictionary<string, string>();
        for (var i = random.Next(4); i > 0; i--)
            labels[$"w{random.Next(50)}.x/y"] = Vt.Blocks.Encoding.LosslessText.FromBytes(Samples.Bytes(random, 1, 40));
        return labels;
    }
}
