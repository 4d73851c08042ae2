using System.Diagnostics;
using Vt.Blocks.Contracts;
using Vt.Posix;

namespace Vt.Mounts;

/// <summary>
/// Serves in the background: the command runs itself again as a child, and returns when the child says over its standard output
/// that the mount is up. Until then the child's errors show where the command's own would.
/// </summary>
static class BackgroundServer
{
    /// <summary>The option that makes a run of the program the child.</summary>
    public const string ChildOption = "--daemon-child";

    const string Ready = "ready";

    /// <summary>Starts the child and waits for the mount.</summary>
    /// <param name="arguments">The arguments of the child.</param>
    /// <param name="cancellationToken">Ends the child.</param>
    /// <returns>The exit status of the command.</returns>
    public static async Task<int> StartAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var program = Environment.ProcessPath ?? throw new UserErrorException("the program can't find its own file, which serving in the background needs");
        using var child = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true })
            ?? throw new UserErrorException($"{program} can't be started");
        child.StandardInput.Close();

        // Handed on rather than inherited: who waits for the end of our streams must not wait for the child's end.
        child.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                Console.Error.WriteLine(text);
        };
        child.BeginErrorReadLine();
        try
        {
            if (await child.StandardOutput.ReadLineAsync(cancellationToken) == Ready)
                return Settings.ExitCode.Ok;
            await child.WaitForExitAsync(cancellationToken);
            return child.ExitCode == Settings.ExitCode.Ok ? Settings.ExitCode.Error : child.ExitCode;
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            throw;
        }
    }

    /// <summary>Makes this process, a child, independent of who started it; its standard streams stay until <see cref="SayReady"/>.</summary>
    public static void Detach()
    {
        Detachment.StartSession();
        Environment.CurrentDirectory = "/";
    }

    /// <summary>Tells the waiting command that the mount is up, and lets go of the streams that it shares with this process.</summary>
    /// <param name="output">Standard output.</param>
    public static void SayReady(Stream output)
    {
        output.Write("ready\n"u8);
        output.Flush();
        using var nowhere = PosixFile.Open("/dev/null", OpenFlags.O_RDWR);
        for (var number = 0; number <= 2; number++)
            Detachment.Redirect(number, nowhere);
    }
}
