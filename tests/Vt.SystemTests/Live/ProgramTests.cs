using System.Diagnostics;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>Real programs on a live mount, in short form: the scripts of tests/programs, which tests/long runs in full.</summary>
public sealed class ProgramTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [MountTheory]
    [InlineData("postgres", "1")]
    [InlineData("sqlite", "1")]
    [InlineData("git")]
    [InlineData("copy")]
    [InlineData("load", "4", "1")]
    [InlineData("build", "small")]
    [InlineData("commits", "3")]
    public void A_program_finds_what_it_expects_of_a_file_system(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Sources.Top, "tests", "programs", script + ".sh"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["VT_TEST_PROGRAM"] = VtCommand.Executable;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        Assert.True(process.WaitForExit(Patience), $"{script} goes on");
        Assert.True(process.ExitCode == 0, $"{errors.Result}{output.Result}");
    }
}
