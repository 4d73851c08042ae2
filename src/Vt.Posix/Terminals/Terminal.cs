using System.Runtime.InteropServices;

namespace Vt.Posix.Terminals;

/// <summary>Terminals: tcgetattr(3), tcsetattr(3), TIOCGWINSZ of ioctl_tty(2).</summary>
public static unsafe partial class Terminal
{
    const int TCSADRAIN = 1;
    const nuint TIOCGWINSZ = 0x5413;

    [StructLayout(LayoutKind.Sequential)]
    struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    /// <summary>A terminal's mode; null of what is no terminal.</summary>
    public static TerminalMode? TryRead(FileDescriptor terminal)
    {
        TerminalMode mode;
        return tcgetattr(terminal.Value, &mode) == 0 ? mode : null;
    }

    /// <summary>Gives a terminal another mode once what was printed has gone out. Of one that hung up nothing is said: reading from it tells.</summary>
    public static void Write(FileDescriptor terminal, TerminalMode mode) => _ = tcsetattr(terminal.Value, TCSADRAIN, &mode);

    /// <summary>A terminal's size in characters; null of what is no terminal, or one that does not know.</summary>
    public static (int Columns, int Rows)? SizeOf(FileDescriptor terminal)
    {
        WindowSize size;
        return ioctl(terminal.Value, TIOCGWINSZ, &size) == 0 && size is { Columns: > 0, Rows: > 0 } ? (size.Columns, size.Rows) : null;
    }

    [LibraryImport(Libc.Name)]
    private static partial int tcgetattr(int fd, TerminalMode* mode);

    [LibraryImport(Libc.Name)]
    private static partial int tcsetattr(int fd, int actions, TerminalMode* mode);

    [LibraryImport(Libc.Name)]
    private static partial int ioctl(int fd, nuint request, WindowSize* size);
}
