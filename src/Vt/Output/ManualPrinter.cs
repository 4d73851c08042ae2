using System.CommandLine;
using Vt.Commands;

namespace Vt.Output;

/// <summary>Prints the manual page vt(1), in man(7) macros, from the commands themselves.</summary>
/// <param name="output">Where it goes.</param>
sealed class ManualPrinter(ResultWriter output)
{
    /// <summary>Prints the page.</summary>
    /// <param name="program">The program with every command.</param>
    public void Print(Command program)
    {
        output.WriteLine(".\\\" Made by \"vt help --man\" from the program's own help: change it there.");
        output.WriteLine($".TH VT 1 \"\" \"vt {Program.Version}\" \"User Commands\"");
        output.WriteLine(".SH NAME");
        output.WriteLine($"vt \\- {Escape(Lower(program.Description ?? ""))}");
        output.WriteLine(".SH SYNOPSIS");
        output.WriteLine(".B vt");
        output.WriteLine("[OPTIONS] COMMAND [ARGUMENTS]");
        Section("OPTIONS OF EVERY COMMAND", CommandLines.Options(program));
        output.WriteLine(".SH COMMANDS");
        PrintBelow(program);
        Section("EXIT STATUS", CommandLines.ExitCodes());
        output.WriteLine(".SH FILES");
        Row("~/.vtrc", "The configuration, see vtrc(5).");
        Row("~/.local/share/vt", "Where stores lie that are named by a bare word, unless basedir or XDG_DATA_HOME say otherwise.");
        Row("~/.local/share/vt/volumes", "The trees of the branches that this machine works on, see vt-volume(5).");
        output.WriteLine(".SH ENVIRONMENT");
        Row("VT_STORE, VT_CACHE_STORE, VT_CONFIG, VT_HASHNAME", "Stand in for the options -S, -C, -c and -h where those are not given.");
        Row("VT_VOLUME", "The volume of commands without -V, in place of the current one.");
        Row("VT_AUTHOR", "Who makes commits, as Name <address>.");
        Row("DOCKER_HOST", "The Docker Engine whose containers use volumes, as unix:///path; else /var/run/docker.sock.");
        Row("VT_DOCKER", "With off no Docker Engine is asked.");
        Row("HOME, XDG_DATA_HOME", "Where the files above are.");
        output.WriteLine(".SH SEE ALSO");
        output.WriteLine(".BR dvol (1),");
        output.WriteLine(".BR vtftp (1),");
        output.WriteLine(".BR vt-datadir (5),");
        output.WriteLine(".BR vt-s3 (5),");
        output.WriteLine(".BR vt-live (5),");
        output.WriteLine(".BR vt-tree (5),");
        output.WriteLine(".BR vt-volume (5),");
        output.WriteLine(".BR vtrc (5)");
    }

    void PrintBelow(Command above)
    {
        foreach (var command in above.Subcommands)
        {
            if (command.Hidden)
                continue;
            if (command is Verb verb)
                Print(verb);
            else
                PrintBelow(command);
        }
    }

    void Print(Verb verb)
    {
        output.WriteLine($".SS {Escape(CommandLines.Synopsis(verb))}");
        output.WriteLine(Escape(verb.Description + "."));
        if (verb.Details.Length > 0)
        {
            foreach (var paragraph in verb.Details.Split("\n\n"))
            {
                output.WriteLine(".PP");
                output.WriteLine(Escape(paragraph.ReplaceLineEndings(" ")));
            }
        }

        Rows(CommandLines.Arguments(verb));
        Rows(CommandLines.Options(verb));
        output.WriteLine(".PP");
        output.WriteLine("Examples:");
        foreach (var (line, meaning) in verb.Examples)
            Row(line, meaning);
    }

    void Section(string title, List<(string Label, string Text)> rows)
    {
        output.WriteLine($".SH {title}");
        Rows(rows);
    }

    void Rows(List<(string Label, string Text)> rows)
    {
        foreach (var (label, text) in rows)
            Row(label, text);
    }

    void Row(string label, string text)
    {
        output.WriteLine(".TP");
        output.WriteLine($"\\fB{Escape(label)}\\fR");
        output.WriteLine(Escape(text));
    }

    static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    /// <summary>Text in which roff sees no commands: backslashes, dashes, and dots or quotes that start a line.</summary>
    static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped is ['.' or '\'', ..] ? "\\&" + escaped : escaped;
    }
}
