using System.Diagnostics;

namespace Vt.SystemTests.Commands;

/// <summary>Runs a line of shell for what only the system's own tools can tell: rsync, setfacl, mount, du.</summary>
static class Shell
{
    /// <summary>Runs it and requires success; what it printed, trimmed.</summary>
    public static string Succeed(string line)
    {
        var (code, output) = Run(line);
        Assert.True(code == 0, $"{line}: exit code {code}: {output}");
        return output;
    }

    /// <summary>Runs it; the exit code and what it printed to either stream, trimmed.</summary>
    public static (int ExitCode, string Output) Run(string line)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 2>&1; {line}");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Trim());
    }
}
