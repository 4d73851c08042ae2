using Vt.Blocks.Encoding;

namespace Vt.Settings;

/// <summary>
/// The command line without loss. File names are bytes, but the runtime hands arguments over as text in which every byte that
/// isn't UTF-8 is replaced; so they are read again from the kernel, as <see cref="LosslessText"/>.
/// </summary>
/// <param name="Name">The last part of the path by which the program was called.</param>
/// <param name="Arguments">The arguments after the name.</param>
sealed record RawCommandLine(string Name, string[] Arguments)
{
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
            words.Add(LosslessText.FromBytes(end < 0 ? cmdline : cmdline[..end]));
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
}
