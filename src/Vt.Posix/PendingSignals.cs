using System.Globalization;

namespace Vt.Posix;

/// <summary>Which signals wait for a thread (proc_pid_status(5)).</summary>
public static class PendingSignals
{
    const int SIGKILL = 9;

    /// <summary>
    /// Whether a thread is about to be killed: by SIGKILL, or by another signal that ends its process, which the kernel turns into a SIGKILL for each
    /// thread. A signal that leaves a core file is not turned so.
    /// </summary>
    /// <param name="thread">The thread's number.</param>
    /// <returns>True also where there is no such thread to be seen.</returns>
    public static bool IsKilled(uint thread)
    {
        try
        {
            foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/status")))
            {
                if (Has(line, "SigPnd:") || Has(line, "ShdPnd:"))
                    return true;
            }

            return false;
        }
        catch (IOException)
        {
            // Gone, perhaps while its file was read.
            return true;
        }
    }

    static bool Has(string line, string field) =>
        line.StartsWith(field, StringComparison.Ordinal)
        && ulong.TryParse(line.AsSpan(field.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var signals)
        && (signals & (1UL << (SIGKILL - 1))) != 0;
}
