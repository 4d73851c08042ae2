using System.CommandLine;

namespace Vt.Output;

/// <summary>Prints the completion script for bash.</summary>
/// <param name="output">Where it goes.</param>
sealed class BashCompletion(ResultWriter output)
{
    /// <summary>Prints the script.</summary>
    public void Print(Command program)
    {
        output.WriteLine(
            """
            # bash completion for vt, made by "vt completion bash"
            _vt() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=vt word skip= i
                COMPREPLY=()
                if [[ ${COMP_WORDS[0]##*/} == vtftp ]]; then path='vt ftp'; fi
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word=${COMP_WORDS[i]}
                    if [[ $skip ]]; then skip=; continue; fi
            """);
        WriteValueOptions(program);
        WriteTree(program);
        output.WriteLine("    done");
        WriteValues(program);
        output.WriteLine("    case $path in");
        foreach (var command in CompletionWords.Commands(program))
            WriteCommand(command);
        output.WriteLine(
            """
                esac
            }
            complete -F _vt vt vtftp
            """);
    }

    void WriteValueOptions(Command program)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var command in CompletionWords.Commands(program))
        {
            foreach (var option in CompletionWords.Options(command))
            {
                if (CommandLines.TakesValue(option))
                    names.UnionWith(CommandLines.NamesOf(option));
            }
        }

        output.WriteLine($"        case $word in {string.Join('|', names)}) skip=1; continue ;; esac");
    }

    void WriteTree(Command program)
    {
        output.WriteLine("        case \"$path $word\" in");
        foreach (var command in CompletionWords.Commands(program))
        {
            if (command != program)
                output.WriteLine($"            '{CommandLines.NameOf(command)}') path='{CommandLines.NameOf(command)}' ;;");
        }

        output.WriteLine("        esac");
    }

    void WriteValues(Command program)
    {
        output.WriteLine("    case \"$path:$prev\" in");
        foreach (var command in CompletionWords.Commands(program))
        {
            foreach (var option in CompletionWords.Options(command))
            {
                if (!CommandLines.TakesValue(option))
                    continue;
                var patterns = string.Join('|', CommandLines.NamesOf(option).ConvertAll(n => $"'{CommandLines.NameOf(command)}:{n}'"));
                output.WriteLine($"        {patterns}) COMPREPLY=({Generate(CompletionWords.Values(option))}); return ;;");
            }
        }

        output.WriteLine("    esac");
    }

    void WriteCommand(Command command)
    {
        var options = new List<string>();
        foreach (var option in CompletionWords.Options(command))
            options.AddRange(CommandLines.NamesOf(option));
        var words = new List<string>();
        foreach (var below in command.Subcommands)
        {
            if (!below.Hidden)
                words.Add(below.Name);
        }

        foreach (var argument in command.Arguments)
            words.AddRange(CompletionWords.Values(argument));
        output.WriteLine($"        '{CommandLines.NameOf(command)}')");
        output.WriteLine($"            if [[ $cur == -* ]]; then COMPREPLY=({Generate(options)})");
        output.WriteLine($"            else COMPREPLY=({Generate(words)}); fi ;;");
    }

    static string Generate(List<string> words) =>
        words.Count > 0 ? $"$(compgen -W '{string.Join(' ', words)}' -- \"$cur\")" : "$(compgen -f -- \"$cur\")";
}
