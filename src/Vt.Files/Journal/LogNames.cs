using System.Globalization;

namespace Vt.Files.Journal;

/// <summary>The names of numbered files.</summary>
static class LogNames
{
    const string Suffix = ".vtlog";
    const int Digits = 8;

    static readonly string[] _prefixes = ["journal-", "data-", "kept-", "local-"];

    /// <summary>The name of a file.</summary>
    public static string Of(LogFileKind kind, uint number) =>
        string.Create(CultureInfo.InvariantCulture, $"{_prefixes[(int)kind]}{number:x8}{Suffix}");

    /// <summary>Reads a name.</summary>
    /// <returns>Whether it is that of a numbered file.</returns>
    public static bool TryParse(string name, out LogFileKind kind, out uint number)
    {
        number = 0;
        kind = (LogFileKind)Array.FindIndex(_prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));
        return kind >= 0
            && name.Length == _prefixes[(int)kind].Length + Digits + Suffix.Length
            && uint.TryParse(name.AsSpan(_prefixes[(int)kind].Length, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            && name == Of(kind, number);
    }
}
