using Vt.Settings;
using Vt.Terminals;

namespace Vt.Ftp;

/// <summary>A session that somebody types.</summary>
/// <param name="session">The session.</param>
sealed class FtpConsole(FtpSession session)
{
    const string HistoryName = "vtftp.history";

    readonly FtpRunner _runner = new(session);

    // Interrupts the command that runs; null while none does.
    CancellationTokenSource? _running;

    /// <summary>Runs the session to its end. What was changed is stored, also where a signal ends it.</summary>
    /// <param name="cancellationToken">Set by a signal that ends the session; an interrupt at the keyboard ends only the command that runs.</param>
    /// <returns>The exit status.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var surroundings = session.Context.Surroundings;
        var history = new LineHistory(Path.Combine(session.Context.Configuration.BaseDirectory.Value, HistoryName));
        using var lines = new TerminalLines(surroundings.ErrorIsTerminal ? surroundings.Error : surroundings.Output, history);
        using var interrupts = surroundings.TakeInterrupts?.Invoke(Interrupt);
        session.Ask = async (question, token) => await lines.ReadAsync(question, null, token) is "y" or "Y" or "yes";
        try
        {
            return await ReadAsync(lines, history, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await _runner.RunAsync("sync", CancellationToken.None);
            throw;
        }
    }

    async Task<int> ReadAsync(TerminalLines lines, LineHistory history, CancellationToken cancellationToken)
    {
        var completer = new FtpCompleter(session);
        while (!session.IsEnded)
        {
            var prompt = $"{session.Tree.Title}:{FtpPath.Show(session.Folder)}> ";
            if (await lines.ReadAsync(prompt, completer.CompleteAsync, cancellationToken) is not { } line)
                return await RunOneAsync("quit", cancellationToken);
            history.Add(line);
            await RunOneAsync(line, cancellationToken);
        }

        return ExitCode.Ok;
    }

    async Task<int> RunOneAsync(string line, CancellationToken cancellationToken)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Volatile.Write(ref _running, running);
        try
        {
            return await _runner.RunAsync(line, running.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            session.Output.Flush();
            session.Context.Messages.Say("interrupted");
            return ExitCode.Interrupted;
        }
        finally
        {
            Volatile.Write(ref _running, null);
        }
    }

    void Interrupt()
    {
        try
        {
            Volatile.Read(ref _running)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command has just ended.
        }
    }
}
