using System.Text;
using System.Text.Unicode;

namespace Vt.Posix;

/// <summary>Shows names and paths, which are bytes, in messages.</summary>
public static class PathText
{
    const string HexDigits = "0123456789abcdef";

    /// <summary>
    /// The path as text for people: UTF-8 is read as such; control characters, backslashes and bytes that aren't UTF-8 show as
    /// <c>\xNN</c>, so that every text stands for one path.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> path)
    {
        if (Utf8.IsValid(path) && path.IndexOfAnyInRange((byte)0, (byte)31) < 0 && path.IndexOfAny((byte)'\\', (byte)127) < 0)
            return Encoding.UTF8.GetString(path);

        var text = new StringBuilder(path.Length + 16);
        while (!path.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(path, out var rune, out var length);
            if (status == System.Buffers.OperationStatus.Done && !Rune.IsControl(rune) && rune.Value != '\\')
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var b in path[..length])
                    text.Append("\\x").Append(HexDigits[b >> 4]).Append(HexDigits[b & 15]);
            }

            path = path[length..];
        }

        return text.ToString();
    }
}
