using System.Globalization;

namespace Vt.Files.Journal;

/// <summary>The names of log and bulk files.</summary>
static class LogNames
{
    const string Suffix = ".vtlog";
    const string JournalPrefix = "journal-";
    const string BulkPrefix = "data-";
    const int Digits = 8;

    /// <summary>The name of a file.</summary>
    public static string Of(bool isBulk, uint number) =>
        string.Create(CultureInfo.InvariantCulture, $"{(isBulk ? BulkPrefix : JournalPrefix)}{number:x8}{Suffix}");

    /// <summary>Reads a name.</summary>
    /// <returns>Whether it is that of a log or bulk file.</returns>
    public static bool TryParse(string name, out bool isBulk, out uint number)
    {
        isBulk = name.StartsWith(BulkPrefix, StringComparison.Ordinal);
        number = 0;
        var prefix = isBulk ? BulkPrefix : JournalPrefix;
        return name.Length == prefix.Length + Digits + Suffix.Length
            && name.StartsWith(prefix, StringComparison.Ordinal)
            && uint.TryParse(name.AsSpan(prefix.Length, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            && name == Of(isBulk, number);
    }
}
