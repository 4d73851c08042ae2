using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Settings;

namespace Vt.Dvol;

/// <summary>
/// The executable under the name dvol: the command line of the dvol of old on vt's volumes. Its words are its own; its work is done by vt's commands. What fails is said on
/// standard error as dvol said it, and the exit status is 1.
/// </summary>
static class DvolProgram
{
    /// <summary>The name by which it is called.</summary>
    public const string Name = "dvol";

    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, Surroundings surroundings, MessageWriter messages, CancellationToken cancellationToken)
    {
        try
        {
            var line = DvolCommandLine.Parse(arguments);
            if (line.Has("version"))
                return Print([$"dvol, of vt {Program.Version}"], surroundings);
            if (line.Has("help") || line.Command is null or "help")
                return Print(DvolHelp.Lines(), surroundings);
            if (FindCommand(line.Command) is not { } command)
                throw new UserErrorException($"unknown command \"{line.Command}\" for \"dvol\"");
            using var session = new DvolSession(line, surroundings, messages);
            await command(session, cancellationToken);
            session.Output.Flush();
            return ExitCode.Ok;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            messages.Line(TerminalText.Visible(ErrorText.Of(fault)));
            return ExitCode.Error;
        }
    }

    static Func<DvolSession, CancellationToken, Task>? FindCommand(string name) => name switch
    {
        "init" => DvolVolumes.InitAsync,
        "list" => DvolVolumes.ListAsync,
        "switch" => DvolVolumes.SwitchAsync,
        "rm" => DvolVolumes.RemoveAsync,
        "commit" => DvolVersions.CommitAsync,
        "log" => DvolVersions.LogAsync,
        "reset" => DvolVersions.ResetAsync,
        "branch" => DvolVersions.BranchAsync,
        "checkout" => DvolVersions.CheckOutAsync,
        "config" => DvolConfig.RunAsync,
        "seed" => DvolSeed.RunAsync,
        _ => null,
    };

    static int Print(IEnumerable<string> lines, Surroundings surroundings)
    {
        using var output = new ResultWriter(surroundings.Output);
        foreach (var line in lines)
            output.WriteLine(line);
        output.Flush();
        return ExitCode.Ok;
    }
}
