using System.CommandLine;
using System.CommandLine.Parsing;
using Vt.Commands;
using Vt.Dvol;
using Vt.Output;
using Vt.Settings;

namespace Vt;

/// <summary>The executable: finds the command that is meant, runs it, and turns whatever ends it into an exit status.</summary>
static class Program
{
    static async Task<int> Main(string[] args)
    {
        var line = RawCommandLine.OfThisProcess(args);
        using var signals = new SignalCancellation();
        var surroundings = ProcessSurroundings.Create(line.Name) with { TakeInterrupts = signals.TakeInterrupts };
        return await RunAsync(line.Arguments, surroundings, signals.Token);
    }

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The words after the program's name.</param>
    /// <param name="surroundings">The process around it.</param>
    /// <param name="cancellationToken">Set by a signal: the command stops cleanly.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, Surroundings surroundings, CancellationToken cancellationToken = default)
    {
        var messages = new MessageWriter(surroundings);
        try
        {
            if (surroundings.ProgramName == DvolProgram.Name)
                return await DvolProgram.RunAsync(arguments, surroundings, messages, cancellationToken);
            var (translated, code) = ProgramNames.Translate(surroundings.ProgramName, arguments, messages);
            return translated is null ? code : await RunVerbAsync(translated, surroundings, messages, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            messages.Say("interrupted");
            return ExitCode.Interrupted;
        }
#pragma warning disable CA1031 // The boundary of the program: whatever went wrong becomes one line and an exit status.
        catch (Exception e)
#pragma warning restore CA1031
        {
            messages.Say(ErrorText.Of(e));
            return ExitCode.Error;
        }
    }

    /// <summary>Runs one command line of vt's own; what it fails with is its caller's to tell.</summary>
    /// <param name="arguments">The words after the program's name.</param>
    /// <param name="surroundings">The process around it.</param>
    /// <param name="messages">Where messages go.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunVerbAsync(string[] arguments, Surroundings surroundings, MessageWriter messages, CancellationToken cancellationToken)
    {
        var options = new GlobalOptions();
        if (arguments is ["--version"])
            return ShowVersion(surroundings);
        var program = CommandTable.BuildFor(arguments, options);
        var result = CommandLineParser.Parse(program, arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var command = result.CommandResult.Command;
        if (result.GetValue(options.Help) || arguments.Length == 0)
            return ShowHelp(arguments.Length == 0 ? program : command, surroundings);
        if (result.GetValue(options.Version))
            return ShowVersion(surroundings);
        if (result.Errors.Count > 0 || command is not Verb verb)
            return ShowUsageError(result, messages);

        using var context = new CommandContext(result, options, surroundings, messages);
        var code = await verb.RunAsync(context, cancellationToken);
        context.Output.Flush();
        return code;
    }

    static int ShowHelp(Command command, Surroundings surroundings)
    {
        using var output = new ResultWriter(surroundings.Output);
        new HelpPrinter(output, surroundings.Width).Print(command);
        output.Flush();
        return ExitCode.Ok;
    }

    static int ShowVersion(Surroundings surroundings)
    {
        using var output = new ResultWriter(surroundings.Output);
        output.WriteLine($"vt {Version}");
        output.Flush();
        return ExitCode.Ok;
    }

    /// <summary>The version as the build was told it.</summary>
    public static string Version => typeof(Program).Assembly.GetName().Version is { } version ? version.ToString(3) : "unknown";

    // The parser puts each of the words that an option takes on a line of its own.
    static string OnOneLine(string message) => string.Join(' ', message.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));

    // The parser names types as programs do.
    static string InPlainWords(string message) => message
        .Replace(" as expected type 'System.Int32'", " as a whole number", StringComparison.Ordinal)
        .Replace(" as expected type 'System.Int64'", " as a whole number", StringComparison.Ordinal);

    static int ShowUsageError(ParseResult result, MessageWriter messages)
    {
        var command = result.CommandResult.Command;
        var name = CommandLines.NameOf(command);
        var message = result.UnmatchedTokens is [var unknown, ..] && command is not Verb ? $"'{unknown}' is no command" : null;
        foreach (var error in result.Errors)
        {
            if (command is Verb || error.SymbolResult is OptionResult)
                message ??= OnOneLine(InPlainWords(error.Message.TrimEnd('.')));
        }

        message ??= "say which command";
        messages.Say($"{message}; {name} --help shows what there is");
        return ExitCode.Usage;
    }
}
