using System.Diagnostics;

namespace Vt.SystemTests.Commands;

/// <summary>
/// Runs the built <c>vt</c> as a user would: a process of its own, a home, a configuration and a store of its own, nothing taken
/// from the environment of whoever runs the tests.
/// </summary>
sealed class VtCommand
{
    public static readonly string Executable = FindExecutable();

    readonly string _home;

    /// <param name="home">A folder that belongs to the test; store and configuration lie in it.</param>
    public VtCommand(string home)
    {
        _home = home;
        Directory.CreateDirectory(home);
        File.WriteAllText(Path.Combine(home, "vtrc"), "");
    }

    public string Store => Path.Combine(_home, "store");

    /// <summary>Variables on top of the few that every run gets.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Runs to the end.</summary>
    public Completed Run(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"vt {string.Join(' ', arguments)} did not end: {errors.Result}");
        }

        return new Completed(process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>Runs to the end and requires success.</summary>
    public string Succeed(params string[] arguments)
    {
        var completed = Run(arguments);
        Assert.True(completed.ExitCode == 0, $"vt {string.Join(' ', arguments)}: exit code {completed.ExitCode}: {completed.Errors}{completed.Output}");
        return completed.Output;
    }

    /// <summary>Runs to the end: the exit code, and whether all that it said is one line.</summary>
    public (int ExitCode, bool IsOneLine) Refused(params string[] arguments)
    {
        var refused = Run(arguments);
        return (refused.ExitCode, refused.Errors.TrimEnd('\n').Split('\n').Length == 1 && refused.Errors.StartsWith("vt: ", StringComparison.Ordinal));
    }

    /// <summary>The same run as a line for a shell; no word may have a quote in it.</summary>
    public string Line(params string[] arguments)
    {
        string[] words =
        [
            "env", "-i", $"PATH={System.Environment.GetEnvironmentVariable("PATH")}", $"HOME={_home}", $"VT_CONFIG={_home}/vtrc", $"VT_STORE={Store}",
            .. Environment.Select(static variable => $"{variable.Key}={variable.Value}"), Executable, .. arguments,
        ];
        return string.Join(' ', words.Select(static word => $"'{word}'"));
    }

    /// <summary>Starts and returns at once; the caller ends and disposes it.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _home,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        start.Environment["HOME"] = _home;
        start.Environment["VT_CONFIG"] = Path.Combine(_home, "vtrc");
        start.Environment["VT_STORE"] = Store;
        start.Environment["LC_ALL"] = "C.UTF-8";
        if (System.Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root)
            start.Environment["DOTNET_ROOT"] = root;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    public sealed record Completed(int ExitCode, string Output, string Errors);

    static string FindExecutable()
    {
        if (System.Environment.GetEnvironmentVariable("VT_TEST_PROGRAM") is { Length: > 0 } named)
            return named;

        // artifacts/bin/Vt.SystemTests/<configuration>/ stands beside artifacts/bin/Vt/<configuration>_<runtime>/.
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        return new DirectoryInfo(Path.Combine(own.Parent!.Parent!.FullName, "Vt")).GetDirectories(own.Name + "*")
            .Select(folder => Path.Combine(folder.FullName, "vt"))
            .First(File.Exists);
    }
}
