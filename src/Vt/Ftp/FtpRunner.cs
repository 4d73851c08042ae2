using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Settings;

namespace Vt.Ftp;

/// <summary>Runs the commands of a session's lines.</summary>
/// <param name="session">The session.</param>
sealed class FtpRunner(FtpSession session)
{
    /// <summary>Runs the commands of a text one after the other, until one fails or ends the session.</summary>
    /// <param name="text">The commands.</param>
    /// <param name="cancellationToken">Interrupts the one that runs.</param>
    /// <returns>The exit status of the last: of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(string text, CancellationToken cancellationToken)
    {
        List<FtpStatement> statements;
        try
        {
            statements = FtpLexer.Parse(text);
        }
        catch (UserErrorException fault)
        {
            session.Context.Messages.Say(fault.Message);
            return ExitCode.Usage;
        }

        foreach (var statement in statements)
        {
            var code = await RunAsync(statement, cancellationToken);
            if (code != ExitCode.Ok && !statement.IsTolerant)
                return code;
            if (session.IsEnded)
                break;
        }

        return ExitCode.Ok;
    }

    async Task<int> RunAsync(FtpStatement statement, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        session.IsPartial = false;
        try
        {
            await RunOneAsync(statement, cancellationToken);
            session.Output.Flush();
            return session.IsPartial ? ExitCode.Partial : ExitCode.Ok;
        }
        catch (FtpUsageException fault)
        {
            Tell(fault.Message);
            return ExitCode.Usage;
        }
        catch (Exception failure) when (failure is UserErrorException or FormatInvalidException or BlockMissingException or BlockCorruptException or StoreUnavailableException
            or StoreFullException or IOException or UnauthorizedAccessException)
        {
            // The session goes on as it was: a command that fails has changed nothing.
            Tell($"{NameOf(statement)}{ErrorText.Of(failure)}");
            return ExitCode.Error;
        }
    }

    Task RunOneAsync(FtpStatement statement, CancellationToken cancellationToken)
    {
        if (statement.Shell is { } shell)
            return LocalCommands.RunAsync(session, shell, cancellationToken);
        var name = NameText.Of(statement.Words[0].Bytes);
        var command = FtpCommands.Find(name) ?? throw new FtpUsageException($"there is no command '{name}'; help lists them");
        return command.RunAsync(session, FtpArguments.Read(command, statement.Words), cancellationToken);
    }

    static string NameOf(FtpStatement statement) => statement.Words.Count > 0 ? NameText.Of(statement.Words[0].Bytes) + ": " : "";

    void Tell(string message)
    {
        session.Output.Flush();
        session.Context.Messages.Say(message);
    }
}
