using System.Runtime.InteropServices;

namespace Vt.Posix.Terminals;

/// <summary>How a terminal treats what is typed and printed (termios(3)), in the layout that glibc and musl share on Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct TerminalMode
{
    const uint BRKINT = 0x2;
    const uint INPCK = 0x10;
    const uint ISTRIP = 0x20;
    const uint ICRNL = 0x100;
    const uint IXON = 0x400;
    const uint ISIG = 0x1;
    const uint ICANON = 0x2;
    const uint ECHO = 0x8;
    const uint IEXTEN = 0x8000;
    const int VTIME = 5;
    const int VMIN = 6;
    const int ControlCharacters = 32;

    uint _input;
    readonly uint _output;
    readonly uint _control;
    uint _local;
    readonly byte _discipline;
    fixed byte _characters[ControlCharacters];
    readonly uint _inputSpeed;
    readonly uint _outputSpeed;

    /// <summary>This mode, but what is typed comes byte by byte, unechoed, and no key makes a signal.</summary>
    public readonly TerminalMode WithEveryKey()
    {
        var mode = this;
        mode._input &= ~(BRKINT | INPCK | ISTRIP | ICRNL | IXON);
        mode._local &= ~(ISIG | ICANON | ECHO | IEXTEN);
        mode._characters[VMIN] = 1;
        mode._characters[VTIME] = 0;
        return mode;
    }
}
