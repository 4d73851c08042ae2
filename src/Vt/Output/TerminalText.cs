using System.Text;

namespace Vt.Output;

/// <summary>Text that can't move a terminal's cursor or change its state.</summary>
static class TerminalText
{
    /// <summary>The text with control characters and lone surrogates shown as <c>\xNN</c>; the usual text comes back as it is.</summary>
    public static string Visible(string text)
    {
        var at = 0;
        while (at < text.Length && !IsUnsafe(text[at]) && !char.IsSurrogate(text[at]))
            at++;
        if (at == text.Length)
            return text;

        var visible = new StringBuilder(text, 0, at, text.Length + 16);
        for (var rest = text.AsSpan(at); !rest.IsEmpty;)
        {
            var status = Rune.DecodeFromUtf16(rest, out var rune, out var used);
            if (status != System.Buffers.OperationStatus.Done || Rune.IsControl(rune))
                visible.Append(@"\x").Append(((int)rest[0] & 0xff).ToString("x2", null));
            else
                visible.Append(rest[..used]);
            rest = rest[used..];
        }

        return visible.ToString();
    }

    static bool IsUnsafe(char c) => char.IsControl(c);
}
