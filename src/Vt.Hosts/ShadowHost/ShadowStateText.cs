using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Trees.Dirents;

namespace Vt.Hosts.ShadowHost;

/// <summary>A shadow's state as a text: a line for each field, the last a checksum of all before it.</summary>
static class ShadowStateText
{
    const string Opening = "vt-shadow 1";
    const string ChecksumWord = "checksum ";

    /// <summary>Writes a state.</summary>
    public static string Format(ShadowState state)
    {
        var text = new StringBuilder();
        text.Append(Opening).Append('\n');
        Add("id", state.Id.ToString("D"));
        Add("folder", Escape(state.Folder));
        Add("archive", Escape(state.Archive));
        Add("device", state.Device.ToString(CultureInfo.InvariantCulture));
        Add("inode", state.Inode.ToString(CultureInfo.InvariantCulture));
        Add("when", state.When.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        Add("agreed", state.Agreed.ToString());
        Add("base", state.Base.ToString());
        Add("seen", state.Seen.ToString());
        foreach (var (path, why) in state.Waiting)
            Add("waiting", $"{Escape(path)} {Escape(why)}");
        foreach (var conflict in state.Conflicts)
            Add("conflict", Escape(conflict));
        var checksum = ChecksumOf(text.ToString());
        return text.Append(ChecksumWord).Append(checksum).Append('\n').ToString();

        void Add(string name, string value) => text.Append(name).Append(' ').Append(value).Append('\n');
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatInvalidException">It is damaged, or of a version that is not known.</exception>
    public static ShadowState Parse(string text)
    {
        var end = text.LastIndexOf(ChecksumWord, StringComparison.Ordinal);
        if (!text.StartsWith(Opening + "\n", StringComparison.Ordinal))
            throw new FormatInvalidException($"it does not begin with '{Opening}'");
        if (end < 0 || text[(end + ChecksumWord.Length)..].TrimEnd('\n') != ChecksumOf(text[..end]))
            throw new FormatInvalidException("its checksum is another");
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var (waiting, conflicts) = (new List<(string, string)>(), new List<string>());
        foreach (var line in text[(Opening.Length + 1)..end].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (name, value) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
            if (name == "waiting" && value.Split(' ') is [var path, var why])
                waiting.Add((Unescape(path), Unescape(why)));
            else if (name == "conflict")
                conflicts.Add(Unescape(value));
            else
                fields[name] = value;
        }

        return new ShadowState
        {
            Id = Guid.TryParseExact(Field("id"), "D", out var id) ? id : throw Bad("id"),
            Folder = Unescape(Field("folder")),
            Archive = Unescape(Field("archive")),
            Device = Number("device"),
            Inode = Number("inode"),
            When = DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(Number("when"), 200_000_000_000)),
            Agreed = Dirent.Parse(Field("agreed")),
            Base = Dirent.Parse(Field("base")),
            Seen = Dirent.Parse(Field("seen")),
            Waiting = waiting,
            Conflicts = conflicts,
        };

        string Field(string name) => fields.TryGetValue(name, out var value) ? value : throw Bad(name);

        ulong Number(string name) => ulong.TryParse(Field(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad(name);

        static FormatInvalidException Bad(string name) => new($"its field '{name}' is missing or is none");
    }

    static string ChecksumOf(string text) => Crc32C.Compute(Encoding.UTF8.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);

    // Byte by byte, as paths need not be UTF-8.
    static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var one in LosslessText.ToBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                escaped.Append((char)one);
            else
                escaped.Append('%').Append(one.ToString("X2", CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }

    static string Unescape(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var one))
                i += 2;
            else
                one = (byte)text[i];
            bytes.Add(one);
        }

        return LosslessText.FromBytes([.. bytes]);
    }
}
