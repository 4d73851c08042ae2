using System.CommandLine;

namespace Vt.Output;

/// <summary>Prints the completion script for fish.</summary>
/// <param name="output">Where it goes.</param>
sealed class FishCompletion(ResultWriter output)
{
    /// <summary>Prints the script.</summary>
    public void Print(Command program)
    {
        output.WriteLine("# fish completion for vt, made by \"vt completion fish\"");
        WriteSubcommands(program, "__fish_use_subcommand");
        foreach (var option in CompletionWords.Options(program))
            WriteOption(option, option.Recursive ? "" : " -n __fish_use_subcommand");
        foreach (var command in CompletionWords.Commands(program))
        {
            if (command != program)
                WriteCommand(command);
        }

        WriteOtherName(program, "vtftp", "ftp");
    }

    // The same program under a name that stands for a command.
    void WriteOtherName(Command program, string name, string meant)
    {
        foreach (var command in program.Subcommands)
        {
            if (command.Name != meant)
                continue;
            foreach (var option in CompletionWords.Options(command))
                WriteOption(option, "", name);
        }
    }

    void WriteSubcommands(Command command, string condition)
    {
        foreach (var below in command.Subcommands)
        {
            if (!below.Hidden)
                output.WriteLine($"complete -c vt -f -n {Quote(condition)} -a {below.Name} -d {Quote(below.Description ?? "")}");
        }
    }

    void WriteCommand(Command command)
    {
        var condition = "";
        foreach (var word in CommandLines.NameOf(command).Split(' ')[1..])
            condition += (condition.Length > 0 ? "; and " : "") + $"__fish_seen_subcommand_from {word}";
        WriteSubcommands(command, condition);
        foreach (var option in command.Options)
        {
            if (!option.Hidden)
                WriteOption(option, $" -n {Quote(condition)}");
        }

        foreach (var argument in command.Arguments)
        {
            var words = CompletionWords.Values(argument);
            if (words.Count > 0)
                output.WriteLine($"complete -c vt -f -n {Quote(condition)} -a {Quote(string.Join(' ', words))}");
        }
    }

    void WriteOption(Option option, string condition, string program = "vt")
    {
        output.Write($"complete -c {program}{condition}");
        foreach (var name in CommandLines.NamesOf(option))
            output.Write(name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}");
        if (CommandLines.TakesValue(option))
        {
            var words = CompletionWords.Values(option);
            output.Write(words.Count > 0 ? $" -x -a {Quote(string.Join(' ', words))}" : " -r -F");
        }

        output.WriteLine($" -d {Quote(option.Description ?? "")}");
    }

    static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
