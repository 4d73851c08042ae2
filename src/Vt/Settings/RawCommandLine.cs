using System.Text;

namespace Vt.Settings;

/// <summary>
/// The command line without loss. File names are bytes, but the runtime hands arguments over as text in which every byte that
/// isn't UTF-8 is replaced; so they are read again from the kernel. Such a byte 0xNN stands as the lone surrogate U+DCNN in the
/// texts made here, and <see cref="ToBytes"/> turns it back.
/// </summary>
/// <param name="Name">The last part of the path by which the program was called.</param>
/// <param name="Arguments">The arguments after the name.</param>
sealed record RawCommandLine(string Name, string[] Arguments)
{
    const char EscapeBase = '\udc00';

    /// <summary>Reads this process's command line; where that can't be done, takes the runtime's texts.</summary>
    /// <param name="arguments">What the runtime handed over.</param>
    public static RawCommandLine OfThisProcess(string[] arguments)
    {
        try
        {
            return Parse(File.ReadAllBytes("/proc/self/cmdline"), arguments);
        }
        catch (IOException)
        {
            return new RawCommandLine("vt", arguments);
        }
    }

    /// <summary>Reads the form of <c>/proc/PID/cmdline</c>: each word ended by NUL (proc_pid_cmdline(5)).</summary>
    /// <param name="cmdline">Its bytes.</param>
    /// <param name="arguments">What the runtime handed over: as many of the last words are the arguments.</param>
    public static RawCommandLine Parse(ReadOnlySpan<byte> cmdline, string[] arguments)
    {
        var words = new List<string>();
        while (!cmdline.IsEmpty)
        {
            var end = cmdline.IndexOf((byte)0);
            words.Add(ToText(end < 0 ? cmdline : cmdline[..end]));
            cmdline = end < 0 ? [] : cmdline[(end + 1)..];
        }

        var first = words.Count - arguments.Length;
        if (first < 1)
            return new RawCommandLine("vt", arguments);
        var name = Path.GetFileName(words[first - 1]);
        if (name.EndsWith(".dll", StringComparison.Ordinal))
            name = name[..^4];
        return new RawCommandLine(name, words[first..].ToArray());
    }

    /// <summary>Text that stands for bytes.</summary>
    public static string ToText(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var b in bytes[..length])
                    text.Append((char)(EscapeBase + b));
            }

            bytes = bytes[length..];
        }

        return text.ToString();
    }

    /// <summary>The bytes that a text from here stands for.</summary>
    public static byte[] ToBytes(string text)
    {
        var bytes = new List<byte>(text.Length + 8);
        Span<byte> encoded = stackalloc byte[4];
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var used) == System.Buffers.OperationStatus.Done)
                bytes.AddRange(encoded[..rune.EncodeToUtf8(encoded)]);
            else if (rest[0] is >= (char)(EscapeBase + 0x80) and <= (char)(EscapeBase + 0xff))
                bytes.Add((byte)(rest[0] - EscapeBase));
            else
                bytes.AddRange("\ufffd"u8);
            rest = rest[used..];
        }

        return bytes.ToArray();
    }
}
