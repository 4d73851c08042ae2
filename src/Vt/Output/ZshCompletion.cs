using System.CommandLine;

namespace Vt.Output;

/// <summary>Prints the completion script for zsh.</summary>
/// <param name="output">Where it goes.</param>
sealed class ZshCompletion(ResultWriter output)
{
    /// <summary>Prints the script.</summary>
    public void Print(Command program)
    {
        output.WriteLine("#compdef vt vtftp");
        output.WriteLine("# zsh completion for vt, made by \"vt completion zsh\"");
        foreach (var command in CompletionWords.Commands(program))
            WriteFunction(command);
        output.WriteLine("if [[ $funcstack[1] == _vt ]]; then if [[ $service == vtftp ]]; then _vt_ftp \"$@\"; else _vt \"$@\"; fi; else compdef _vt vt; compdef _vt_ftp vtftp; fi");
    }

    void WriteFunction(Command command)
    {
        output.WriteLine($"{FunctionOf(command)}() {{");
        output.WriteLine(command.Subcommands.Count > 0 ? "    local context state state_descr line; typeset -A opt_args" : "    :");
        output.Write("    _arguments -s");
        if (command.Subcommands.Count > 0)
            output.Write(" -C");
        foreach (var option in CompletionWords.Options(command))
        {
            foreach (var name in CommandLines.NamesOf(option))
                output.Write($" \\\n        {Quote(SpecOf(option, name))}");
        }

        if (command.Subcommands.Count > 0)
            output.Write(" \\\n        '1: :->command' \\\n        '*:: :->rest'");
        foreach (var argument in command.Arguments)
        {
            var lead = argument.Arity.MaximumNumberOfValues > 1 ? "*" : "";
            output.Write($" \\\n        {Quote($"{lead}:{argument.Name}:{ActionOf(argument)}")}");
        }

        output.WriteLine();
        if (command.Subcommands.Count > 0)
            WriteSubcommands(command);
        output.WriteLine("}");
    }

    void WriteSubcommands(Command command)
    {
        output.WriteLine("    case $state in");
        output.WriteLine("        command)");
        output.WriteLine("            local -a commands=(");
        foreach (var below in command.Subcommands)
        {
            if (!below.Hidden)
                output.WriteLine($"                {Quote($"{below.Name}:{below.Description}")}");
        }

        output.WriteLine("            )");
        output.WriteLine("            _describe command commands ;;");
        output.WriteLine("        rest)");
        output.WriteLine("            case $line[1] in");
        foreach (var below in command.Subcommands)
        {
            if (!below.Hidden)
                output.WriteLine($"                {below.Name}) {FunctionOf(below)} ;;");
        }

        output.WriteLine("            esac ;;");
        output.WriteLine("    esac");
    }

    static string FunctionOf(Command command) => "_" + CommandLines.NameOf(command).Replace(' ', '_');

    static string SpecOf(Option option, string name)
    {
        var text = (option.Description ?? "").Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);
        if (!CommandLines.TakesValue(option))
            return $"{name}[{text}]";
        return $"*{name}[{text}]:{option.HelpName}:{ActionOf(option)}";
    }

    static string ActionOf(Symbol symbol)
    {
        var words = CompletionWords.Values(symbol);
        return words.Count > 0 ? $"({string.Join(' ', words)})" : "_files";
    }

    static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
