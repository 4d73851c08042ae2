using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Trees.Archives;

/// <summary>
/// The lines of an archive. A state is <c>ISO-date unix-time dirent checksum</c>; the first line is
/// <c>#vt-archive version id checksum</c>; other lines that begin with <c>#</c>, and empty ones, are for people. The checksum
/// is the CRC-32C of all before the blank that precedes it, as eight hexadecimal digits.
/// </summary>
static class ArchiveLine
{
    /// <summary>The longest line, in bytes without its end; the largest dirent's text takes a seventh of it.</summary>
    public const int Longest = 64 << 10;

    const string Word = "#vt-archive";
    const string Version = "1";
    const int ChecksumLength = 8;

    /// <summary>How every archive's first line begins.</summary>
    public static ReadOnlySpan<byte> Opening => "#vt-archive "u8;

    /// <summary>The first line, with its end.</summary>
    public static string FormatHeader(Guid id) => Sealed($"{Word} {Version} {id:D}");

    /// <summary>A state's line, with its end.</summary>
    public static string Format(ArchiveState state) =>
        Sealed(string.Create(CultureInfo.InvariantCulture, $"{state.Date:yyyy-MM-ddTHH:mm:sszzz} {state.When} {state.Root}"));

    /// <summary>Whether a line is for people only.</summary>
    public static bool IsComment(ReadOnlySpan<byte> line) => line.IsEmpty || line[0] == '#';

    /// <summary>Reads the first line.</summary>
    /// <exception cref="FormatInvalidException">It is damaged, or of another version.</exception>
    public static Guid ParseHeader(ReadOnlySpan<byte> line)
    {
        var text = Unsealed(line);
        if (!text.StartsWith(Word + " ", StringComparison.Ordinal))
            throw new FormatInvalidException($"an archive begins with {Word}");
        var parts = text.Split(' ');
        if (parts.Length < 3 || parts[1] != Version)
            throw new FormatInvalidException($"archives of version {(parts.Length < 2 ? "none" : parts[1])} are not known", Word.Length);
        return Guid.TryParseExact(parts[2], "D", out var id) ? id : throw new FormatInvalidException("an archive's id is no UUID", Word.Length);
    }

    /// <summary>Reads a state's line.</summary>
    /// <param name="line">The line without its end.</param>
    /// <exception cref="FormatInvalidException">The line is damaged.</exception>
    public static ArchiveState Parse(ReadOnlySpan<byte> line)
    {
        var text = Unsealed(line).AsSpan();
        var date = NextWord(ref text);
        var time = NextWord(ref text);
        if (!DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.None, out var when))
            throw new FormatInvalidException("a state's line begins with a date");
        if (!Timestamp.TryParse(time, out var timestamp))
            throw new FormatInvalidException("a time in seconds should follow the date", date.Length + 1);
        try
        {
            return new ArchiveState(timestamp, when.Offset, Dirent.Parse(text));
        }
        catch (FormatInvalidException fault)
        {
            throw new FormatInvalidException(fault.What, date.Length + time.Length + 2 + fault.Offset, fault);
        }
    }

    /// <summary>Reads a state's line.</summary>
    /// <returns>Null where the line is damaged, or for people.</returns>
    public static ArchiveState? TryParse(in ScannedLine line)
    {
        if (IsComment(line.Bytes.Span))
            return null;
        try
        {
            return Parse(line.Bytes.Span);
        }
        catch (FormatInvalidException)
        {
            return null;
        }
    }

    static string Sealed(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"{text} {Crc32C.Compute(Encoding.ASCII.GetBytes(text)):x8}\n");

    static string Unsealed(ReadOnlySpan<byte> line)
    {
        if (line.Length > Longest)
            throw new FormatInvalidException($"a line of {line.Length} bytes is over the limit of {Longest}");
        var end = line.Length - ChecksumLength - 1;
        if (end <= 0 || line[end] != ' ')
            throw new FormatInvalidException("the line does not end with a checksum", Math.Max(end, 0));
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        Crc32C.Compute(line[..end]).TryFormat(checksum, out _, "x8", CultureInfo.InvariantCulture);
        if (!line[(end + 1)..].SequenceEqual(checksum))
            throw new FormatInvalidException("the line does not match its checksum", end + 1);
        return Encoding.Latin1.GetString(line[..end]);
    }

    static ReadOnlySpan<char> NextWord(ref ReadOnlySpan<char> text)
    {
        var blank = text.IndexOf(' ');
        if (blank < 0)
            throw new FormatInvalidException("the line has too few words");
        var word = text[..blank];
        text = text[(blank + 1)..];
        return word;
    }
}
