using System.Text;
using Vt.Ftp;

namespace Vt.Tests.Ftp;

public sealed class PathGlobTests
{
    static readonly string[] _files = ["a.c", "a.h", "b.c", ".hidden.c", "src/a.c", "src/deep/er/x.c", "src/.git/y.c", "src/deep/z.h", "w[1]"];

    [Theory]
    [InlineData("*.c", "a.c b.c")]
    [InlineData(".*", ".hidden.c")]
    [InlineData("[ab].?", "a.c a.h b.c")]
    [InlineData("*/*.c", "src/a.c")]
    [InlineData("**/*.c", "a.c b.c src/a.c src/deep/er/x.c")]
    [InlineData("src/**", "src/a.c src/deep src/deep/er src/deep/er/x.c src/deep/z.h")]
    [InlineData("s*/../a.*", "a.c a.h")]
    [InlineData("./src/./d*", "src/deep")]
    [InlineData("w\\[?\\]", "w[1]")]
    [InlineData("a.c/*", "")]
    [InlineData("x*", "")]
    public async Task A_pattern_stands_for_paths(string pattern, string expected)
    {
        var glob = new PathGlob((folder, _) => ListAsync(Encoding.UTF8.GetString(folder)), static (folder, name) => FtpPath.Below(folder, name), static folder => FtpPath.Split(folder).Folder is { } above && above.Length < folder.Length ? above : []);

        var found = await glob.ExpandAsync([], Encoding.UTF8.GetBytes(pattern), CancellationToken.None);

        Assert.Equal(expected, string.Join(' ', found.Select(static path => Encoding.UTF8.GetString(path))));
    }

    static async IAsyncEnumerable<(byte[] Name, bool IsFolder)> ListAsync(string folder)
    {
        await Task.CompletedTask;
        var names = _files.Where(file => folder.Length == 0 || file.StartsWith(folder + "/", StringComparison.Ordinal)).Select(file => file[(folder.Length == 0 ? 0 : folder.Length + 1)..]);
        foreach (var group in names.GroupBy(static name => name.Split('/')[0]))
            yield return (Encoding.UTF8.GetBytes(group.Key), group.Any(static name => name.Contains('/', StringComparison.Ordinal)));
    }
}
