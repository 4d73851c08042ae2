using System.Globalization;
using System.Text.Json;
using Vt.Trees.Dirents;
using Vt.Trees.Meta;

namespace Vt.Output;

/// <summary>Shows dirents the way that ls(1) and stat(1) do.</summary>
static class DirentText
{
    /// <summary>The ten characters of a mode: type, then read, write and execute for owner, group and others.</summary>
    public static string ModeOf(Dirent inode)
    {
        var mode = inode.Metadata.Mode;
        Span<char> text = stackalloc char[10];
        text[0] = TypeLetterOf(inode.Kind);
        for (var i = 0; i < 9; i++)
            text[i + 1] = (mode & (0x100 >> i)) != 0 ? "rwx"[i % 3] : '-';
        SetSpecial(text, 3, (mode & 0x800) != 0, 's', 'S');
        SetSpecial(text, 6, (mode & 0x400) != 0, 's', 'S');
        SetSpecial(text, 9, (mode & 0x200) != 0, 't', 'T');
        return text.ToString();
    }

    /// <summary>The owner's or group's name where it is known, otherwise the number.</summary>
    public static string OwnerOf(ReadOnlyMemory<byte> name, uint number) =>
        name.IsEmpty ? number.ToString(CultureInfo.InvariantCulture) : NameText.Of(name.Span);

    /// <summary>The word for a kind.</summary>
    public static string KindOf(DirentKind kind) => kind switch
    {
        DirentKind.File => "file",
        DirentKind.Directory => "directory",
        DirentKind.Symlink => "symlink",
        DirentKind.Fifo => "fifo",
        DirentKind.Socket => "socket",
        DirentKind.CharacterDevice => "character device",
        DirentKind.BlockDevice => "block device",
        DirentKind.Indirect => "hard link",
        DirentKind.Whiteout => "whiteout",
        _ => "unknown",
    };

    /// <summary>How many names an inode has.</summary>
    public static uint LinksOf(Dirent inode) => Math.Max(inode.Metadata.LinkCount, 1);

    /// <summary>A moment in a time zone, to the minute.</summary>
    public static string MinuteOf(Timestamp? time, TimeZoneInfo zone) => time is { } known
        ? TimeZoneInfo.ConvertTime(known.ToDateTimeOffset(), zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
        : "-";

    /// <summary>A moment in a time zone, exactly.</summary>
    public static string ExactOf(Timestamp? time, TimeZoneInfo zone)
    {
        if (time is not { } known)
            return "-";
        var local = TimeZoneInfo.ConvertTime(known.ToDateTimeOffset(), zone);
        return string.Create(CultureInfo.InvariantCulture, $"{local:yyyy-MM-dd HH:mm:ss}.{known.Nanoseconds:000000000} {local:zzz}");
    }

    /// <summary>A date as <c>ARCHIVE.vt@DATE</c> takes it, to the second, with its distance from UTC.</summary>
    public static string DateOf(DateTimeOffset date) => date.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    /// <summary>Writes the fields of a dirent into a JSON object that the caller has begun.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="inode">The entry, of a hard link the inode.</param>
    public static void WriteJson(Utf8JsonWriter json, Dirent inode)
    {
        var metadata = inode.Metadata;
        json.WriteString("type", KindOf(inode.Kind));
        json.WriteString("mode", Convert.ToString(metadata.Mode, 8).PadLeft(4, '0'));
        json.WriteNumber("uid", metadata.Uid);
        json.WriteNumber("gid", metadata.Gid);
        if (!metadata.UserName.IsEmpty)
            NameText.WriteJson(json, "user", metadata.UserName.Span);
        if (!metadata.GroupName.IsEmpty)
            NameText.WriteJson(json, "group", metadata.GroupName.Span);
        json.WriteNumber("links", LinksOf(inode));
        json.WriteNumber("size", inode.Kind == DirentKind.Directory ? 0 : inode.Size);
        WriteTime(json, "mtime", metadata.ModificationTime);
        WriteTime(json, "ctime", metadata.ChangeTime);
        WriteTime(json, "btime", metadata.BirthTime);
        if (metadata.Device is { } device)
            json.WriteString("device", $"{device.Major}:{device.Minor}");
        if (inode.Uuid is { } uuid)
            json.WriteString("uuid", uuid.ToString("D"));
        json.WriteString("ref", inode.Content.ToString());
    }

    /// <summary>Writes a moment as seconds since 1970 with nine digits behind the point, as text so that no digit is lost.</summary>
    static void WriteTime(Utf8JsonWriter json, string property, Timestamp? time)
    {
        if (time is { } known)
            json.WriteString(property, known.ToString());
    }

    static char TypeLetterOf(DirentKind kind) => kind switch
    {
        DirentKind.File => '-',
        DirentKind.Directory => 'd',
        DirentKind.Symlink => 'l',
        DirentKind.Fifo => 'p',
        DirentKind.Socket => 's',
        DirentKind.CharacterDevice => 'c',
        DirentKind.BlockDevice => 'b',
        DirentKind.Indirect => 'h',
        DirentKind.Whiteout => 'w',
        _ => '?',
    };

    static void SetSpecial(Span<char> text, int at, bool isSet, char withExecute, char without)
    {
        if (isSet)
            text[at] = text[at] == 'x' ? withExecute : without;
    }
}
