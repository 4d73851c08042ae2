using System.Diagnostics;

namespace Vt.SystemTests.Commands;

/// <summary>What a process that goes on says, and asking it to end.</summary>
static class ProcessTalk
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until it says something on standard error; what it says before is passed over.</summary>
    public static async Task SayAsync(this Process process, string what)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (await process.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(what, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"the process ended without saying: {what}");
    }

    /// <summary>Asks it to end, which it has to do well.</summary>
    public static async Task StopAsync(this Process process)
    {
        Shell.Succeed($"kill -TERM {process.Id}");
        using var patience = new CancellationTokenSource(_patience);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Ends it, whatever state it is in.</summary>
    public static void End(this Process process)
    {
        Shell.Run($"kill -CONT {process.Id}; kill -TERM {process.Id}");
        if (!process.WaitForExit(_patience))
            process.Kill();
    }
}
