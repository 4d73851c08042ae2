using System.ComponentModel;
using System.Diagnostics;
using Vt.Blocks.Contracts;

namespace Vt.Versions;

/// <summary>
/// Shell commands around the moment of a commit: one that has a program write down what it has in memory and hold still, and one that lets it go on. Whoever was asked to hold
/// still is let go, also where the first command failed, took too long or was interrupted, and where this process is killed: the second one is run by a process of
/// its own, which waits for the end of a pipe.
/// </summary>
/// <param name="quiesce">The first command; null for none.</param>
/// <param name="resume">The second command; null for none.</param>
/// <param name="patience">How long the first one may take, and after that the moment itself.</param>
sealed class QuiesceHooks(string? quiesce, string? resume, TimeSpan patience)
{
    /// <summary>How long the first command may take where nothing is said.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    /// <summary>What became of the second command; null where all went well.</summary>
    public string? Fault { get; private set; }

    // The end of its input or of the time, whichever comes first; what the terminal sends to all is not for it.
    const string Guard = "trap '' INT TERM HUP; timeout \"$1\" cat >/dev/null; trap - INT TERM HUP; eval \"$2\"";

    /// <summary>Runs something in between.</summary>
    /// <param name="variables">What the commands find in their environment, besides ours.</param>
    /// <param name="moment">What to run, as short as can be.</param>
    /// <param name="cancellationToken">Gives up, and lets the program go on.</param>
    /// <exception cref="UserErrorException">The first command failed, or it or the moment took too long.</exception>
    public async Task<T> RunAsync<T>(IReadOnlyDictionary<string, string> variables, Func<CancellationToken, ValueTask<T>> moment, CancellationToken cancellationToken)
    {
        using var guard = resume is null ? null : StartGuard(resume, variables);
        T result;
        try
        {
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limited.CancelAfter(patience);
            if (quiesce is not null)
                await QuiesceAsync(quiesce, variables, limited.Token, cancellationToken);
            limited.CancelAfter(patience);
            result = await MomentAsync(moment, limited.Token, cancellationToken);
            if (guard is { HasExited: true })
                throw TooLong();
        }
        finally
        {
            guard?.StandardInput.Close();
            if (guard is not null)
                await guard.WaitForExitAsync(CancellationToken.None);
        }

        if (guard is { ExitCode: not 0 })
            Fault = $"--resume: '{resume}' failed with status {guard.ExitCode}";
        return result;
    }

    async Task<T> MomentAsync<T>(Func<CancellationToken, ValueTask<T>> moment, CancellationToken limited, CancellationToken cancellationToken)
    {
        try
        {
            return await moment(limited);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TooLong();
        }
    }

    UserErrorException TooLong() => new($"the moment of the commit took longer than {patience.TotalSeconds:0.#} s, and none was made: say --hook-timeout with more");

    async Task QuiesceAsync(string command, IReadOnlyDictionary<string, string> variables, CancellationToken limited, CancellationToken cancellationToken)
    {
        using var child = Start(["-c", command], variables, hasInput: false);
        try
        {
            await child.WaitForExitAsync(limited);
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new UserErrorException($"--quiesce: '{command}' took longer than {patience.TotalSeconds:0.#} s, and no commit was made: say --hook-timeout with more");
        }

        if (child.ExitCode != 0)
            throw new UserErrorException($"--quiesce: '{command}' failed with status {child.ExitCode}, and no commit was made");
    }

    // Twice the patience is what it can take at most.
    Process StartGuard(string command, IReadOnlyDictionary<string, string> variables) =>
        Start(["-c", Guard, "vt", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Ceiling(2 * patience.TotalSeconds) + 1:0}"), command], variables, hasInput: true);

    static Process Start(string[] arguments, IReadOnlyDictionary<string, string> variables, bool hasInput)
    {
        var start = new ProcessStartInfo("/bin/sh", arguments) { RedirectStandardInput = hasInput };
        foreach (var (variable, value) in variables)
            start.Environment[variable] = value;
        try
        {
            return Process.Start(start) ?? throw new UserErrorException("/bin/sh can't be started");
        }
        catch (Win32Exception fault)
        {
            throw new UserErrorException($"/bin/sh can't be started: {fault.Message}", fault);
        }
    }
}
