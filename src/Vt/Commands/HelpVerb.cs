using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Output;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>Shows help, and prints the manual page that is made from it.</summary>
sealed class HelpVerb : Verb
{
    readonly Option<bool> _man = new("--man") { Description = "Print the manual page of the whole program", Hidden = true };
    readonly Argument<string[]> _words = new("COMMAND") { Description = "The command", Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Makes the command.</summary>
    public HelpVerb()
        : base("help", "Show help on the program or on a command")
    {
        Options.Add(_man);
        Arguments.Add(_words);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt help", "List the commands."),
        ("vt help datadir verify", "Show what a command does; vt datadir verify --help shows the same."),
    ];

    /// <inheritdoc/>
    public override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var program = CommandTable.BuildAll(new GlobalOptions());
        if (context.Get(_man))
            new ManualPrinter(context.Output).Print(program);
        else
            new HelpPrinter(context.Output, context.Surroundings.Width).Print(Find(program, context.Get(_words)));
        return Task.FromResult(ExitCode.Ok);
    }

    static Command Find(Command command, string[] words)
    {
        foreach (var word in words)
        {
            Command? next = null;
            foreach (var below in command.Subcommands)
            {
                if (below.Name == word)
                    next = below;
            }

            command = next ?? throw new UserErrorException($"'{string.Join(' ', words)}' is no command; vt help lists them");
        }

        return command;
    }
}
