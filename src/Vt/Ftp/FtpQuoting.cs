using System.Buffers;
using System.Text;

namespace Vt.Ftp;

/// <summary>Writes names so that they can be typed.</summary>
static class FtpQuoting
{
    const string Special = " \"'\\*?[]{}();#$!&|<>~`";

    /// <summary>A name as an unquoted word: a backslash before what means something, <c>\xNN</c> for control characters and bytes that are not UTF-8.</summary>
    public static string Word(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length + 8);
        var isFirst = true;
        while (!name.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf8(name, out var rune, out var length) == OperationStatus.Done;
            if (!isRune || Rune.IsControl(rune))
            {
                foreach (var b in name[..length])
                    text.Append(@"\x").Append(b.ToString("x2", null));
            }
            else
            {
                // A backslash before an x would be read with what follows it.
                if (rune.Value < 0x80 && (Special.Contains((char)rune.Value, StringComparison.Ordinal) || (isFirst && rune.Value == '-')))
                    text.Append('\\');
                text.Append(rune.ToString());
            }

            isFirst = false;
            name = name[length..];
        }

        return text.ToString();
    }

    /// <summary>A name for a POSIX shell, whatever its bytes.</summary>
    public static string ForShell(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length + 8).Append('\'');
        while (!name.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf8(name, out var rune, out var length) == OperationStatus.Done;
            if (isRune)
                text.Append(rune.Value == '\'' ? "'\\''" : rune.ToString());
            for (var i = 0; i < length && !isRune; i++)
                text.Append("'\"$(printf '\\").Append(Convert.ToString(name[i], 8)).Append("')\"'");
            name = name[length..];
        }

        return text.Append('\'').ToString();
    }
}
