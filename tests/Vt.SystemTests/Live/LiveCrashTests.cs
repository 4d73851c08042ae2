using System.Diagnostics;
using Vt.SystemTests.Commands;
using Vt.Tests.Support;

namespace Vt.SystemTests.Live;

/// <summary>The crash test of tests/Vt.CrashTest in short form; tests/long/live-crash.sh runs it in full.</summary>
public sealed class LiveCrashTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [MountTheory]
    [InlineData("kills=10", "milliseconds=1000")]
    [InlineData("boundary-step=120")]
    [InlineData("kills=6", "milliseconds=800", "local=1")]
    [InlineData("boundary-step=200", "local=1")]
    public void A_killed_mount_comes_back_with_all_that_was_acknowledged_and_nothing_else(params string[] arguments)
    {
        var seed = Random.Shared.Next();
        var program = Directory.GetFiles(Path.Combine(Sources.Top, "artifacts", "bin", "Vt.CrashTest"), "vt-crashtest", SearchOption.AllDirectories)[0];
        var start = new ProcessStartInfo(program, [VtCommand.Executable, _temp.Make("work"), .. arguments, $"seed={seed}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
            process.Kill();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"seed {seed}: {errors.Result}{output.Result}");
    }
}
