using System.Globalization;
using Vt.Fuse.Session;

namespace Vt.TestServer;

/// <summary>What the command line asks for.</summary>
sealed record ServerOptions
{
    public const string Usage =
        "usage: vt-testserver [-o OPTIONS] [--threads N] [--clone] [--files N] [--size BYTES] [--defer] [--uncached]\n"
        + "       [--patience S] [--readahead KIB] [--io-uring on|off|auto] [--only-kills] [--cycles N] MOUNTPOINT";

    public string MountPoint { get; init; } = "";

    public string MountOptions { get; init; } = "";

    /// <summary>How many files stand in the folder <c>many</c>.</summary>
    public int Files { get; init; } = 100;

    /// <summary>Size of the file <c>big</c>.</summary>
    public int Size { get; init; } = 1 << 20;

    /// <summary>Whether every read is answered from another thread.</summary>
    public bool Defer { get; init; }

    /// <summary>Whether the kernel may keep nothing, so that every call comes to the server.</summary>
    public bool Uncached { get; init; }

    /// <summary>Seconds that users of the mount get when it is to stop.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>How much the kernel is to read ahead, in KiB; zero leaves it alone.</summary>
    public int ReadAhead { get; init; }

    /// <summary>How often to mount and unmount before the mount that stays.</summary>
    public int Cycles { get; init; }

    public FuseSessionOptions Session { get; init; } = new();

    public static ServerOptions? Parse(string[] arguments)
    {
        var options = new ServerOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "-o" when i + 1 < arguments.Length:
                    options = options with { MountOptions = arguments[++i] };
                    break;
                case "--threads" when i + 1 < arguments.Length:
                    options = options with { Session = options.Session with { ReaderThreads = Number(arguments[++i]) } };
                    break;
                case "--only-kills":
                    options = options with { Session = options.Session with { OnlyKillsInterrupt = true } };
                    break;
                case "--files" when i + 1 < arguments.Length:
                    options = options with { Files = Number(arguments[++i]) };
                    break;
                case "--size" when i + 1 < arguments.Length:
                    options = options with { Size = Number(arguments[++i]) };
                    break;
                case "--patience" when i + 1 < arguments.Length:
                    options = options with { Patience = Number(arguments[++i]) };
                    break;
                case "--readahead" when i + 1 < arguments.Length:
                    options = options with { ReadAhead = Number(arguments[++i]) };
                    break;
                case "--io-uring" when i + 1 < arguments.Length:
                    options = options with { Session = options.Session with { IoUring = Use(arguments[++i]) } };
                    break;
                case "--cycles" when i + 1 < arguments.Length:
                    options = options with { Cycles = Number(arguments[++i]) };
                    break;
                case "--clone":
                    options = options with { Session = options.Session with { CloneDevice = true } };
                    break;
                case "--defer":
                    options = options with { Defer = true };
                    break;
                case "--uncached":
                    options = options with { Uncached = true };
                    break;
                default:
                    if (arguments[i].StartsWith('-') || options.MountPoint.Length > 0)
                        return null;
                    options = options with { MountPoint = arguments[i] };
                    break;
            }
        }

        return options.MountPoint.Length > 0 ? options : null;
    }

    static IoUringUse Use(string text) => text switch
    {
        "on" => IoUringUse.On,
        "off" => IoUringUse.Off,
        _ => IoUringUse.Automatic,
    };

    static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
