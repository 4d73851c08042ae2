using System.Diagnostics;
using System.Globalization;

namespace Vt.Benchmarks;

/// <summary>Runs a shell command under time(1), which counts its children too, and fails loudly when the command does.</summary>
static class Command
{
    public static Measured Run(string command, string? folder = null, params (string Name, string Value)[] environment)
    {
        var figures = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/usr/bin/time")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = folder ?? "/",
            };
            foreach (var argument in (string[])["-f", "%e %U %S %M", "-o", figures, "bash", "-c", "set -e -o pipefail; " + command])
                start.ArgumentList.Add(argument);
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{command}: exit code {process.ExitCode}: {errors.Result}");
            var fields = File.ReadAllText(figures).Trim().Split('\n')[^1].Split(' ');
            return new Measured(Number(fields[0]), Number(fields[1]), Number(fields[2]), (long)Number(fields[3]) << 10);
        }
        finally
        {
            File.Delete(figures);
        }
    }

    /// <summary>The run in the middle of several by CPU, with whatever must be put back between them.</summary>
    public static Measured Median(int times, string command, string? prepare = null)
    {
        var runs = new List<Measured>();
        for (var i = 0; i < times; i++)
        {
            if (prepare is not null)
                Run(prepare);
            runs.Add(Run(command));
        }

        return runs.OrderBy(run => run.Cpu).ElementAt(times / 2);
    }

    /// <summary>What a command prints, trimmed.</summary>
    public static string Output(string command)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text.Trim();
    }

    /// <summary>Whether a program is to be had.</summary>
    public static bool Has(string program) => Output($"command -v {program} || true").Length > 0;

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
