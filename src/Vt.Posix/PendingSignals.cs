using System.Globalization;

namespace Vt.Posix;

/// <summary>Which signals wait for a thread (proc_pid_status(5), signal(7)).</summary>
public static class PendingSignals
{
    const int SIGKILL = 9;

    // SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH: what they do by default ends nobody.
    static readonly ulong _harmless = Bits(17, 18, 19, 20, 21, 22, 23, 28);

    /// <summary>Whether a signal waits for a thread that will end its process: SIGKILL, or one that ends it by default and is neither blocked, ignored nor caught.</summary>
    /// <param name="thread">The thread's number.</param>
    /// <returns>True also where there is no such thread to be seen.</returns>
    public static bool IsKilled(uint thread)
    {
        try
        {
            ulong pending = 0, withheld = _harmless;
            foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/status")))
            {
                pending |= Read(line, "SigPnd:") | Read(line, "ShdPnd:");
                withheld |= Read(line, "SigBlk:") | Read(line, "SigIgn:") | Read(line, "SigCgt:");
            }

            return (pending & (~withheld | Bits(SIGKILL))) != 0;
        }
        catch (IOException)
        {
            // Gone, perhaps while its file was read.
            return true;
        }
    }

    static ulong Read(string line, string field) =>
        line.StartsWith(field, StringComparison.Ordinal)
        && ulong.TryParse(line.AsSpan(field.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var signals) ? signals : 0;

    static ulong Bits(params ReadOnlySpan<int> signals)
    {
        var bits = 0UL;
        foreach (var signal in signals)
            bits |= 1UL << (signal - 1);
        return bits;
    }
}
