using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Vt.Posix;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Ftp;

/// <summary>A program on a terminal of its own (pty(7)), at whose keyboard the test sits.</summary>
sealed unsafe partial class Pty : IDisposable
{
    const nuint TIOCSWINSZ = 0x5414;
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    readonly FileDescriptor _master;
    readonly Process _process;
    readonly Thread _reader;
    readonly object _gate = new(); // guards the screen
    readonly TerminalScreen _screen;
    bool _isEnded;

    [StructLayout(LayoutKind.Sequential)]
    struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    /// <param name="line">A line for a shell.</param>
    /// <param name="columns">The terminal's width.</param>
    public Pty(string line, int columns = 80)
    {
        _screen = new TerminalScreen(columns);
        _master = PosixFile.Open("/dev/ptmx", OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC);
        Assert.Equal(0, unlockpt(_master.Value));
        var name = stackalloc byte[64];
        Assert.Equal(0, ptsname_r(_master.Value, name, 64));
        var terminal = Marshal.PtrToStringUTF8((nint)name)!;
        Resize(columns);

        // The new session's leader takes its standard input for its terminal.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec setsid -c -w sh -c \"$1\" <{terminal} >{terminal} 2>&1", "sh", $"exec {line}"]);
        _process = Process.Start(start)!;
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>The number of the program's process, which setsid(1) became, or waits for.</summary>
    public int ProgramId => File.ReadAllText($"/proc/{_process.Id}/comm").Trim() == "setsid"
        ? int.Parse(Shell.Succeed($"pgrep -P {_process.Id}").Trim(), System.Globalization.CultureInfo.InvariantCulture)
        : _process.Id;

    /// <summary>All that was ever shown, a row a line.</summary>
    public List<string> Rows
    {
        get
        {
            lock (_gate)
                return _screen.Rows;
        }
    }

    /// <summary>Types.</summary>
    public void Type(string text) => Type(Encoding.UTF8.GetBytes(text));

    /// <summary>Types bytes.</summary>
    public void Type(byte[] bytes) => PosixFile.WriteFully(_master, bytes);

    /// <summary>Waits until the cursor stands behind a text.</summary>
    public void Await(string beforeCursor) => Await(() => _screen.BeforeCursor == beforeCursor, $"'{beforeCursor}' before the cursor");

    /// <summary>Waits until some row is a text.</summary>
    public void AwaitRow(string row) => Await(() => _screen.Rows.Contains(row), $"a row '{row}'");

    /// <summary>Waits until the last rows are these.</summary>
    public void AwaitLast(params string[] rows) => Await(() => _screen.Rows.TakeLast(rows.Length).SequenceEqual(rows), $"'{string.Join('|', rows)}' at the end");

    /// <summary>Waits until the bell has rung so often.</summary>
    public void AwaitBells(int count) => Await(() => _screen.Bells >= count, $"{count} bells");

    /// <summary>Runs a command at a prompt, and waits for the prompt after it.</summary>
    /// <returns>The rows in between.</returns>
    public List<string> Run(string prompt, string command)
    {
        Await(prompt);
        var before = Rows.Count - 1;
        Type(command + "\r");
        Await(() => _screen.Rows.Count > before + 1 && _screen.BeforeCursor == prompt, $"'{prompt}' after {command}");
        return Rows[(before + 1)..^1];
    }

    /// <summary>Gives the terminal another width.</summary>
    public void Resize(int columns)
    {
        lock (_gate)
            _screen.Resize(columns);
        var size = new WindowSize { Rows = 24, Columns = (ushort)columns };
        Assert.Equal(0, ioctl(_master.Value, TIOCSWINSZ, &size));
    }

    /// <summary>Waits for the program's end.</summary>
    public int AwaitExit()
    {
        Assert.True(_process.WaitForExit(_patience), $"the program goes on:\n{string.Join('\n', Rows)}");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _reader.Join(_patience);
        _process.Dispose();
        _master.Dispose();
    }

    void Await(Func<bool> isSo, string what)
    {
        lock (_gate)
        {
            while (!isSo())
            {
                Assert.False(_isEnded, $"the program ended before there was {what}:\n{string.Join('\n', _screen.Rows)}");
                Assert.True(Monitor.Wait(_gate, _patience), $"there is no {what}:\n{string.Join('\n', _screen.Rows)}");
            }
        }
    }

    // Once nobody has the terminal open any more, reading fails.
    void Read()
    {
        var buffer = new byte[4096];
        while (PosixFile.TryRead(_master, buffer, out var count) == Errno.OK && count > 0)
        {
            lock (_gate)
            {
                _screen.Write(buffer.AsSpan(0, count));
                Monitor.PulseAll(_gate);
            }
        }

        lock (_gate)
        {
            _isEnded = true;
            Monitor.PulseAll(_gate);
        }
    }

    [LibraryImport("libc")]
    private static partial int unlockpt(int fd);

    [LibraryImport("libc")]
    private static partial int ptsname_r(int fd, byte* name, nuint length);

    [LibraryImport("libc")]
    private static partial int ioctl(int fd, nuint request, WindowSize* size);
}
