using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Dvol;

/// <summary>
/// dvol's own settings: who makes commits. A file of lines <c>KEY: "TEXT"</c>, which is YAML, for its owner's eyes only; replaced whole.
/// </summary>
/// <param name="path">The file; need not be there.</param>
sealed class DvolSettings(string path)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "config.yml";

    /// <summary>The key of the name of who makes commits.</summary>
    public const string NameKey = "user.name";

    /// <summary>The key of the address.</summary>
    public const string EmailKey = "user.email";

    const uint FileMode = 0x180;

    /// <summary>All keys, in the order in which they are listed.</summary>
    public static IReadOnlyList<string> Keys { get; } = [NameKey, EmailKey];

    /// <summary>The text of a setting; empty where there is none.</summary>
    /// <exception cref="UserErrorException">It is none of the keys.</exception>
    /// <exception cref="FormatInvalidException">The file can't be read.</exception>
    public string Read(string key)
    {
        Check(key);
        return ReadAll().GetValueOrDefault(key, "");
    }

    /// <summary>Sets one.</summary>
    /// <exception cref="UserErrorException">It is none of the keys.</exception>
    public void Write(string key, string text)
    {
        Check(key);
        var all = ReadAll();
        all[key] = text;
        var lines = new StringBuilder();
        foreach (var (name, value) in all.OrderBy(static setting => setting.Key, StringComparer.Ordinal))
            lines.Append(name).Append(": \"").Append(JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString()).Append("\"\n");
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var made = $"{path}.{Guid.NewGuid():N}.part";
        using (var file = PosixFile.Open(made, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, FileMode))
        {
            PosixFile.PwriteFully(file, Encoding.UTF8.GetBytes(lines.ToString()), 0);
            PosixFile.Fsync(file);
        }

        PosixFile.Rename(made, path);
        PosixFile.SyncDirectory(folder);
    }

    Dictionary<string, string> ReadAll()
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
            return all;
        foreach (var line in File.ReadLines(path))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (line.Trim().Length == 0 || line.StartsWith('#'))
                continue;
            try
            {
                using var text = JsonDocument.Parse(line[(colon + 2)..]);
                all[line[..colon]] = text.RootElement.GetString() ?? "";
            }
            catch (Exception fault) when (fault is JsonException or ArgumentOutOfRangeException or InvalidOperationException)
            {
                throw new FormatInvalidException($"'{line}' is no line KEY: \"TEXT\"").In(path);
            }
        }

        return all;
    }

    static void Check(string key)
    {
        if (!Keys.Contains(key))
            throw new UserErrorException($"'{key}' is not a valid configuration key");
    }
}
