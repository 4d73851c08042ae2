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
                waiting.Add((Uri.UnescapeDataString(path), Uri.UnescapeDataString(why)));
            else if (name == "conflict")
                conflicts.Add(Uri.UnescapeDataString(value));
            else
                fields[name] = value;
        }

        return new ShadowState
        {
            Id = Guid.TryParseExact(Field("id"), "D", out var id) ? id : throw Bad("id"),
            Folder = Uri.UnescapeDataString(Field("folder")),
            Archive = Uri.UnescapeDataString(Field("archive")),
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

    static string Escape(string text) => Uri.EscapeDataString(text);
}
