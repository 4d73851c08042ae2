using System.Diagnostics;
using Vt.SystemTests.Commands;

namespace Vt.SystemTests.Live;

/// <summary>The scripts of tests/programs.</summary>
static class ProgramScript
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Runs one with the program that is tested, and requires success.</summary>
    /// <param name="name">Its file without ending.</param>
    /// <param name="arguments">What it is called with.</param>
    public static void Succeed(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Sources.Top, "tests", "programs", name + ".sh"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["VT_TEST_PROGRAM"] = VtCommand.Executable;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{name} goes on: {errors.Result}{output.Result}");
        }

        Assert.True(process.ExitCode == 0, $"{errors.Result}{output.Result}");
    }
}
