using Vt.Blocks.Contracts;
using Vt.Posix;
using Vt.Settings;

namespace Vt.Ftp;

/// <summary>The commands of a session on the disk.</summary>
static class LocalCommands
{
    static readonly TimeSpan InterruptArrives = TimeSpan.FromSeconds(1);

    /// <summary>Goes to a folder on the disk.</summary>
    public static Task LcdAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        session.Local.Enter(arguments.Words.Count == 0 ? null : arguments.Words[0].Bytes);
        return Task.CompletedTask;
    }

    /// <summary>Says the folder on the disk.</summary>
    public static Task LpwdAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        session.Output.WriteLine(PathText.Of(session.Local.Path));
        return Task.CompletedTask;
    }

    /// <summary>Lists on the disk, with ls(1) itself.</summary>
    public static async Task LlsAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        var words = new List<string>();
        foreach (var word in arguments.Words)
        {
            if (!word.HasWildcards)
                words.Add(FtpQuoting.ForShell(word.Bytes));
            else if (await session.Local.ExpandAsync(word, cancellationToken) is { Count: > 0 } found)
                words.AddRange(found.Select(static path => FtpQuoting.ForShell(path)));
            else
                throw new UserErrorException($"nothing on the disk matches '{Output.NameText.Of(word.Bytes)}'");
        }

        var options = string.Concat("alR".Where(arguments.Has));
        await RunAsync(session, $"ls {(options.Length > 0 ? "-" + options : "")} -- {string.Join(' ', words)}", cancellationToken);
    }

    /// <summary>Runs a command of the shell.</summary>
    public static async Task RunAsync(FtpSession session, string command, CancellationToken cancellationToken)
    {
        // What it prints comes behind what is held back.
        session.Output.Flush();
        var status = await session.Local.RunAsync(command, session.Context.Surroundings.Environment("SHELL"), cancellationToken);

        // C-c goes to the command and to the session, which may hear of it later: then it was the interrupt, and it must not hit what is typed next.
        if (status == ExitCode.Interrupted)
            await Task.Delay(InterruptArrives, session.Context.Surroundings.Clock, cancellationToken);
        if (status != 0)
            throw new UserErrorException($"the command ended with status {status}");
    }
}
