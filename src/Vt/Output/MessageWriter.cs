using System.Text;
using Vt.Settings;

namespace Vt.Output;

/// <summary>
/// Writes the lines for people on standard error, each in one piece: errors and warnings begin with the program's name. A
/// progress bar that stands on the last line is taken away first. Safe from any thread.
/// </summary>
/// <param name="surroundings">The process whose standard error it is.</param>
sealed class MessageWriter(Surroundings surroundings)
{
    /// <summary>Guards the stream and what stands on its last line.</summary>
    readonly Lock _lineLock = new();

    bool _barShown;

    /// <summary>Says what went wrong, or what the user should know, in one line.</summary>
    /// <param name="message">The line, without the program's name; control characters in it are made visible.</param>
    public void Say(string message)
    {
        lock (_lineLock)
            Put($"{(_barShown ? "\r\u001b[K" : "")}{surroundings.ProgramName}: {TerminalText.Visible(message)}\n", false);
    }

    /// <summary>Writes a line as it is: a status line where no terminal is.</summary>
    public void Line(string text)
    {
        lock (_lineLock)
            Put(text + "\n", false);
    }

    /// <summary>Puts a bar on the terminal's last line, in place of the one before; empty text takes it away.</summary>
    public void Bar(string text)
    {
        lock (_lineLock)
        {
            if (text.Length > 0 || _barShown)
                Put("\r" + text + "\u001b[K", text.Length > 0);
        }
    }

    void Put(string text, bool barShown)
    {
        _barShown = barShown;
        try
        {
            surroundings.Error.Write(Encoding.UTF8.GetBytes(text));
            surroundings.Error.Flush();
        }
        catch (IOException)
        {
            // Nobody reads standard error any more: there is nobody left to tell, and the work itself goes on.
        }
    }
}
