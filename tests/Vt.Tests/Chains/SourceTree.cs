using Vt.Tests.Support;

namespace Vt.Tests.Chains;

/// <summary>A small tree that takes every path through an import: empty files, tiny ones, some of a few blocks and one of many, and equal ones.</summary>
public sealed class SourceTree : IDisposable
{
    readonly TempFolder _folder = new(inMemory: true);

    public SourceTree()
    {
        foreach (var (name, length, seed) in (ReadOnlySpan<(string, int, int)>)
        [
            ("empty", 0, 0), ("tiny", 9, 1), ("a/small", 3_000, 2), ("a/some blocks", 150_000, 3), ("a/b/many blocks", 600_000, 4), ("a/b/the same", 150_000, 3), ("c/last", 40_000, 5),
        ])
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_folder[name])!);
            File.WriteAllBytes(_folder[name], Bytes(seed, length));
        }
    }

    public string Path => _folder.Path;

    public static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public void Dispose() => _folder.Dispose();
}
