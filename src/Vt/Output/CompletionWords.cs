using System.CommandLine;
using System.CommandLine.Completions;

namespace Vt.Output;

/// <summary>What the completion scripts of all shells are made from.</summary>
static class CompletionWords
{
    /// <summary>Every command that can stand on a command line, groups included, each after the one that leads to it.</summary>
    public static List<Command> Commands(Command program)
    {
        var commands = new List<Command> { program };
        for (var i = 0; i < commands.Count; i++)
        {
            foreach (var below in commands[i].Subcommands)
            {
                if (!below.Hidden)
                    commands.Add(below);
            }
        }

        return commands;
    }

    /// <summary>The options of a command, those of every command included.</summary>
    public static List<Option> Options(Command command)
    {
        var options = new List<Option>();
        foreach (var option in command.Options)
        {
            if (!option.Hidden)
                options.Add(option);
        }

        options.AddRange(CommandLines.Inherited(command));
        return options;
    }

    /// <summary>The words that a value may be; empty where it is the name of a file.</summary>
    public static List<string> Values(Symbol symbol)
    {
        var words = new List<string>();
        foreach (var item in symbol.GetCompletions(CompletionContext.Empty))
            words.Add(item.Label);
        return words;
    }
}
