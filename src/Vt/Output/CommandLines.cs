using System.CommandLine;
using System.Globalization;
using Vt.Settings;

namespace Vt.Output;

/// <summary>Describes commands in words: what help, manual page and completions are all made from.</summary>
static class CommandLines
{
    /// <summary>The words that call a command, the program's name first.</summary>
    public static string NameOf(Command command)
    {
        foreach (var parent in command.Parents)
        {
            if (parent is Command above)
                return NameOf(above) + " " + command.Name;
        }

        return command.Name;
    }

    /// <summary>The usage line.</summary>
    public static string Synopsis(Command command)
    {
        var line = NameOf(command) + " [OPTIONS]";
        if (command.Subcommands.Count > 0)
            return line + " COMMAND";
        foreach (var argument in command.Arguments)
        {
            if (!argument.Hidden)
                line += " " + LabelOf(argument);
        }

        return line;
    }

    /// <summary>The commands below one.</summary>
    public static List<(string Label, string Text)> Commands(Command command)
    {
        var rows = new List<(string, string)>();
        foreach (var below in command.Subcommands)
        {
            if (!below.Hidden)
                rows.Add((below.Name, below.Description ?? ""));
        }

        return rows;
    }

    /// <summary>A command's arguments.</summary>
    public static List<(string Label, string Text)> Arguments(Command command)
    {
        var rows = new List<(string, string)>();
        foreach (var argument in command.Arguments)
        {
            if (!argument.Hidden)
                rows.Add((argument.Name, argument.Description ?? ""));
        }

        return rows;
    }

    /// <summary>A command's own options.</summary>
    public static List<(string Label, string Text)> Options(Command command)
    {
        var rows = new List<(string, string)>();
        foreach (var option in command.Options)
        {
            if (!option.Hidden)
                rows.Add((LabelOf(option), option.Description ?? ""));
        }

        return rows;
    }

    /// <summary>The options that a command has from those above it.</summary>
    public static List<(string Label, string Text)> InheritedOptions(Command command)
    {
        var rows = new List<(string, string)>();
        foreach (var option in Inherited(command))
            rows.Add((LabelOf(option), option.Description ?? ""));
        return rows;
    }

    /// <summary>The options that a command has from those above it.</summary>
    public static List<Option> Inherited(Command command)
    {
        var options = new List<Option>();
        foreach (var parent in command.Parents)
        {
            if (parent is not Command above)
                continue;
            foreach (var option in above.Options)
            {
                if (option.Recursive && !option.Hidden)
                    options.Add(option);
            }

            options.AddRange(Inherited(above));
        }

        return options;
    }

    /// <summary>The exit codes.</summary>
    public static List<(string Label, string Text)> ExitCodes()
    {
        var rows = new List<(string, string)>();
        foreach (var (code, meaning) in ExitCode.All)
            rows.Add((code.ToString(CultureInfo.InvariantCulture), meaning));
        return rows;
    }

    /// <summary>An option's names, short ones first, as in <c>-S, --store STORE</c>.</summary>
    public static List<string> NamesOf(Option option)
    {
        var names = new List<string>(option.Aliases) { option.Name };
        names.Sort((a, b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b));
        return names;
    }

    /// <summary>Whether an option is followed by a value.</summary>
    public static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool);

    static string LabelOf(Option option)
    {
        var label = string.Join(", ", NamesOf(option));
        return TakesValue(option) ? $"{label} {option.HelpName ?? "VALUE"}" : label;
    }

    static string LabelOf(Argument argument)
    {
        var label = argument.Name;
        if (argument.Arity.MaximumNumberOfValues > 1)
            label += "...";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{label}]" : label;
    }
}
