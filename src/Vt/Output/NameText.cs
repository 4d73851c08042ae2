using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Vt.Output;

/// <summary>Shows names and paths, which are bytes.</summary>
static class NameText
{
    const string HexDigits = "0123456789abcdef";

    /// <summary>
    /// A name for people: UTF-8 is shown as it is; control characters, backslashes and bytes that aren't UTF-8 show as
    /// <c>\xNN</c>. So no name can play tricks on a terminal, and no two names look the same.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name) && name.IndexOfAnyInRange((byte)0, (byte)31) < 0 && name.IndexOfAny((byte)'\\', (byte)127, (byte)0xc2) < 0)
            return Encoding.UTF8.GetString(name);
        var text = new StringBuilder(name.Length + 16);
        while (!name.IsEmpty)
        {
            var isRune = Rune.DecodeFromUtf8(name, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (isRune && !Rune.IsControl(rune) && rune.Value != '\\')
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var b in name[..length])
                    text.Append(@"\x").Append(HexDigits[b >> 4]).Append(HexDigits[b & 15]);
            }

            name = name[length..];
        }

        return text.ToString();
    }

    /// <summary>
    /// Writes a name as a JSON property. A name that isn't UTF-8 has its strange bytes replaced there, and stands exactly in a
    /// second property, whose name ends in <c>_base64</c>.
    /// </summary>
    public static void WriteJson(Utf8JsonWriter json, string property, ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
        {
            json.WriteString(property, name);
            return;
        }

        json.WriteString(property, Encoding.UTF8.GetString(name));
        json.WriteBase64String(property + "_base64", name);
    }
}
