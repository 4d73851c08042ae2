using System.CommandLine;
using Vt.Commands;

namespace Vt.Output;

/// <summary>Prints a command's help from the command itself.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="width">The longest line.</param>
sealed class HelpPrinter(ResultWriter output, int width)
{
    const int MostLabel = 26;
    const int LeastWidth = 50;
    const int MostWidth = 100;

    readonly int _width = Math.Clamp(width, LeastWidth, MostWidth);

    /// <summary>Prints all that there is to say about one command.</summary>
    public void Print(Command command)
    {
        output.WriteLine($"Usage: {CommandLines.Synopsis(command)}");
        output.WriteLine();
        Paragraph(command.Description + ".");
        if (command is Verb { Details.Length: > 0 } verb)
        {
            foreach (var paragraph in verb.Details.Split("\n\n"))
            {
                output.WriteLine();
                Paragraph(paragraph.ReplaceLineEndings(" "));
            }
        }

        Table("Commands:", CommandLines.Commands(command));
        Table("Arguments:", CommandLines.Arguments(command));
        Table("Options:", CommandLines.Options(command));
        Table(command.Parents.GetEnumerator().MoveNext() ? "Options of every command:" : "", CommandLines.InheritedOptions(command));
        Examples(command);
        Table("Exit status:", CommandLines.ExitCodes());
        if (command is not Verb)
        {
            output.WriteLine();
            output.WriteLine($"{CommandLines.NameOf(command)} COMMAND --help says more about a command.");
        }
    }

    void Paragraph(string text)
    {
        foreach (var line in TextWrap.Lines(text, _width))
            output.WriteLine(line);
    }

    void Table(string title, List<(string Label, string Text)> rows)
    {
        if (rows.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(title);
        var column = 0;
        foreach (var (label, _) in rows)
            column = Math.Max(column, Math.Min(label.Length, MostLabel));
        foreach (var (label, text) in rows)
        {
            var lead = "  " + label.PadRight(column) + "  ";
            if (label.Length > column)
            {
                output.WriteLine("  " + label);
                lead = new string(' ', column + 4);
            }

            foreach (var line in TextWrap.Lines(text, _width - column - 4))
            {
                output.WriteLine((lead + line).TrimEnd());
                lead = new string(' ', column + 4);
            }
        }
    }

    void Examples(Command command)
    {
        if (command is not Verb verb)
            return;
        output.WriteLine();
        output.WriteLine("Examples:");
        foreach (var (line, meaning) in verb.Examples)
        {
            output.WriteLine("  " + line);
            foreach (var text in TextWrap.Lines(meaning, _width - 6))
                output.WriteLine("      " + text);
        }
    }
}
