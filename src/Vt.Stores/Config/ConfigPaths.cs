using Vt.Blocks.Contracts;

namespace Vt.Stores.Config;

/// <summary>
/// How settings write paths: <c>/x</c> as it is, <c>~</c> and <c>~/x</c> under the home folder, <c>./x</c> and <c>../x</c> from
/// the current folder, anything else under the base folder.
/// </summary>
/// <param name="Home">The home folder; null where the environment names none.</param>
/// <param name="CurrentDirectory">The folder that the command was started in, absolute.</param>
/// <param name="BaseDirectory">Where stores lie that are named by a bare word; null while it is not known yet.</param>
public sealed record ConfigPaths(string? Home, string CurrentDirectory, string? BaseDirectory)
{
    /// <summary>Makes a path absolute.</summary>
    /// <param name="path">The path as it is written.</param>
    /// <param name="origin">Where it is written, for errors.</param>
    /// <exception cref="UserErrorException">The path is empty, holds NUL, or needs a folder that is not known.</exception>
    public string Expand(string path, ConfigOrigin origin)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new UserErrorException($"{origin}: the path is empty");
        if (path[0] == '~')
            return Path.GetFullPath(FromHome(path, origin));
        if (path[0] == '/')
            return Path.GetFullPath(path);
        if (path is "." or ".." || path.StartsWith("./", StringComparison.Ordinal) || path.StartsWith("../", StringComparison.Ordinal))
            return Path.GetFullPath(path, CurrentDirectory);
        if (BaseDirectory is null)
            throw new UserErrorException($"{origin}: '{path}' must start with /, ~/ or ./");
        return Path.GetFullPath(path, BaseDirectory);
    }

    string FromHome(string path, ConfigOrigin origin)
    {
        if (path.Length > 1 && path[1] != '/')
            throw new UserErrorException($"{origin}: '{path}' names another user's home folder; write that path out");
        if (string.IsNullOrEmpty(Home) || Home[0] != '/')
            throw new UserErrorException($"{origin}: '{path}' needs a home folder, but HOME is not set");
        return Home + path[1..];
    }
}
