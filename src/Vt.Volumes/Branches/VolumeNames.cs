using System.Buffers;
using Vt.Blocks.Contracts;

namespace Vt.Volumes.Branches;

/// <summary>What volumes, branches and tags may be called, so that every name can be typed in a revision, in a path and to Docker.</summary>
public static class VolumeNames
{
    /// <summary>The longest name of a volume, in characters: Docker's anonymous volumes have 64.</summary>
    public const int LongestVolume = 100;

    /// <summary>The longest name of a branch or tag, in characters.</summary>
    public const int LongestBranch = 150;

    const string ArchiveExtension = ".vt";

    static readonly SearchValues<char> _allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>What is wrong with a volume's name.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? FaultOfVolume(string name)
    {
        if (name.Length is 0 or > LongestVolume || name.AsSpan().ContainsAnyExcept(_allowed) || !char.IsAsciiLetterOrDigit(name[0]))
            return $"'{name}' is no name for a volume: 1 to {LongestVolume} letters, digits and -_., beginning with a letter or digit";
        return name.EndsWith(ArchiveExtension, StringComparison.Ordinal) ? $"'{name}' is no name for a volume: an archive's ends in {ArchiveExtension}" : null;
    }

    /// <summary>What is wrong with a branch's or tag's name.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? FaultOfBranch(string name)
    {
        if (name.Length is 0 or > LongestBranch)
            return $"'{name}' is no name for a branch or tag: 1 to {LongestBranch} characters";
        foreach (var part in name.Split('/'))
        {
            if (part.Length == 0 || part.AsSpan().ContainsAnyExcept(_allowed) || part[0] is '-' or '.' || part.Contains("..", StringComparison.Ordinal))
                return $"'{name}' is no name for a branch or tag: letters, digits and -_. in parts with / between, none empty or beginning with - or ., and no ..";
        }

        return name == "HEAD" ? "HEAD is no name for a branch or tag: it is what is checked out" : null;
    }

    /// <summary>Refuses a volume's name that is none.</summary>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static void CheckVolume(string name)
    {
        if (FaultOfVolume(name) is { } fault)
            throw new UserErrorException(fault);
    }

    /// <summary>Refuses a branch's or tag's name that is none.</summary>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static void CheckBranch(string name)
    {
        if (FaultOfBranch(name) is { } fault)
            throw new UserErrorException(fault);
    }
}
