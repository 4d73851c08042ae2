using System.Globalization;
using System.Text.RegularExpressions;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Mounts;

/// <summary>A range of a file, as commands take it: <c>FILE</c>, <c>FILE@OFFSET</c> or <c>FILE@OFFSET+LENGTH</c>.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">Where the range starts, in bytes.</param>
/// <param name="Length">How long it is; null for all that follows.</param>
sealed partial record FileRange(string Path, long Offset, long? Length)
{
    /// <summary>Reads a range; a file that is called just so is meant as a whole.</summary>
    /// <exception cref="UserErrorException">A number is too large.</exception>
    public static FileRange Parse(string text, string fullPath)
    {
        var match = Form().Match(text);
        if (!match.Success || PosixFile.TryStat(fullPath, out _) == Errno.OK)
            return new FileRange(text, 0, null);
        return new FileRange(match.Groups[1].Value, ParseSize(match.Groups[2].Value), match.Groups[3].Success ? ParseSize(match.Groups[3].Value) : null);
    }

    /// <summary>Reads a number of bytes: digits, and K, M, G or T for 1024 times as many, and so on.</summary>
    /// <exception cref="UserErrorException">It is none, or too large.</exception>
    public static long ParseSize(string text)
    {
        const int bitsOfUnit = 10;
        var unit = text.Length > 1 ? "KMGT".IndexOf(char.ToUpperInvariant(text[^1])) + 1 : 0;
        var digits = unit > 0 ? text[..^1] : text;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue >> (bitsOfUnit * unit))
            throw new UserErrorException($"{text} is no number of bytes; say for example 4096, 64K or 10M");
        return number << (bitsOfUnit * unit);
    }

    [GeneratedRegex("^(.+)@([0-9]+[KMGTkmgt]?)(?:\\+([0-9]+[KMGTkmgt]?))?$", RegexOptions.Singleline)]
    private static partial Regex Form();
}
