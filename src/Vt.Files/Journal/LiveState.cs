using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Archives;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Files.Journal;

/// <summary>What a live file system stands on: the content of its folder's file <c>state</c>, described in vt-live(5).</summary>
sealed record LiveState
{
    /// <summary>The longest file that is read, in bytes.</summary>
    public const int Longest = 64 << 10;

    const string Opening = "vt live ";
    const string Version = "1";
    const string CheckKey = "check";

    /// <summary>The archive's id, as its first line has it.</summary>
    public required Guid ArchiveId { get; init; }

    /// <summary>Where the archive lies; for people.</summary>
    public required string ArchivePath { get; init; }

    /// <summary>The root of the last checkpoint; null where there is none and the tree was empty.</summary>
    public Dirent? Base { get; init; }

    /// <summary>The first epoch of the log whose records are not in that tree.</summary>
    public required uint FirstEpoch { get; init; }

    /// <summary>A state whose line may not be in the archive yet; null where there is none.</summary>
    public ArchiveState? Pending { get; init; }

    /// <summary>
    /// Whether the folder is about to be that of this archive and was another's, and nothing in it is needed: written before the folder is renamed, and written without
    /// once it is, before any change.
    /// </summary>
    public bool IsMoving { get; init; }

    /// <summary>Which names are local, and where the list of those lies that there were when <see cref="FirstEpoch"/> began.</summary>
    public LocalState Local { get; init; } = LocalState.None;

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Opening}{Version}\narchive-id = {ArchiveId:D}\n");
        text.Append(CultureInfo.InvariantCulture, $"archive-path = {TextBytes.Quote(LosslessText.ToBytes(ArchivePath))}\n");
        if (Base is not null)
            text.Append(CultureInfo.InvariantCulture, $"base = {Base}\n");
        text.Append(CultureInfo.InvariantCulture, $"first-epoch = {FirstEpoch}\n");
        if (Pending is { } pending)
            text.Append(CultureInfo.InvariantCulture, $"pending = {pending.When} {pending.Offset.TotalMinutes} {pending.Root}\n");
        if (IsMoving)
            text.Append("moving = yes\n");
        if (!Local.Rules.IsEmpty)
            text.Append(CultureInfo.InvariantCulture, $"rules = {TextBytes.Quote(Local.Rules.Text)}\n");
        if (Local.List is { } list)
            text.Append(CultureInfo.InvariantCulture, $"local = {list.Number} {list.Length} {list.Check:x8}\n");
        var check = Crc32C.Compute(Encoding.ASCII.GetBytes(text.ToString()));
        text.Append(CultureInfo.InvariantCulture, $"{CheckKey} = {check:x8}\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="FormatInvalidException">They are damaged.</exception>
    /// <exception cref="UserErrorException">They are of another version.</exception>
    public static LiveState Parse(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var check = text.LastIndexOf($"\n{CheckKey} = ", StringComparison.Ordinal) + 1;
        if (check == 0)
            throw new FormatInvalidException("the file does not end in its checksum", bytes.Length);
        if (text[check..] != string.Create(CultureInfo.InvariantCulture, $"{CheckKey} = {Crc32C.Compute(bytes[..check]):x8}\n"))
            throw new FormatInvalidException("the file does not match its checksum", check);
        var lines = text[..(check - 1)].Split('\n');
        if (!lines[0].StartsWith(Opening, StringComparison.Ordinal))
            throw new FormatInvalidException($"a live state begins with \"{Opening}\"");
        if (lines[0][Opening.Length..] != Version)
            throw new UserErrorException($"live states of version {lines[0][Opening.Length..]} are not known to this vt");
        return FromValues(ValuesIn(lines));
    }

    static Dictionary<string, string> ValuesIn(string[] lines)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.AsSpan(1))
        {
            var sign = line.IndexOf(" = ", StringComparison.Ordinal);
            if (sign < 0 || !values.TryAdd(line[..sign], line[(sign + 3)..]))
                throw new FormatInvalidException($"\"{line}\" is no value, or stands there twice");
        }

        return values;
    }

    static LiveState FromValues(Dictionary<string, string> values)
    {
        var state = new LiveState
        {
            ArchiveId = Guid.TryParseExact(Take(values, "archive-id"), "D", out var id) ? id : throw new FormatInvalidException("archive-id is no UUID"),
            ArchivePath = PathIn(Take(values, "archive-path")),
            Base = values.Remove("base", out var root) ? Dirent.Parse(root) : null,
            FirstEpoch = uint.TryParse(Take(values, "first-epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
                ? epoch
                : throw new FormatInvalidException("first-epoch is no number"),
            Pending = values.Remove("pending", out var pending) ? PendingIn(pending) : null,
            IsMoving = values.Remove("moving", out var moving) && (moving == "yes" ? true : throw new FormatInvalidException("moving is yes, or not there")),
            Local = new LocalState(
                values.Remove("rules", out var rules) ? LocalRules.Parse(BytesIn(rules, "rules")) : LocalRules.None,
                values.Remove("local", out var list) ? ListIn(list) : null),
        };
        return values.Count == 0 ? state : throw new FormatInvalidException($"the value \"{values.Keys.First()}\" is not known");
    }

    static string Take(Dictionary<string, string> values, string key) =>
        values.Remove(key, out var value) ? value : throw new FormatInvalidException($"the value \"{key}\" is missing");

    static string PathIn(string text) => LosslessText.FromBytes(BytesIn(text, "archive-path"));

    static byte[] BytesIn(string text, string key)
    {
        var bytes = TextBytes.Unquote(text, out var consumed);
        return consumed == text.Length ? bytes : throw new FormatInvalidException($"{key} goes on behind its quotes", consumed);
    }

    static LocalList ListIn(string text)
    {
        var words = text.Split(' ');
        return words.Length == 3
            && uint.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && uint.TryParse(words[2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var check)
                ? new LocalList(number, length, check)
                : throw new FormatInvalidException("local is a number, a length and a checksum");
    }

    static ArchiveState PendingIn(string text)
    {
        var words = text.Split(' ', 3);
        if (words.Length < 3 || !Timestamp.TryParse(words[0], out var when)
            || !short.TryParse(words[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minutes) || Math.Abs((int)minutes) > 14 * 60)
        {
            throw new FormatInvalidException("pending is a time, an offset in minutes and a root");
        }

        return new ArchiveState(when, TimeSpan.FromMinutes(minutes), Dirent.Parse(words[2]));
    }
}
