using System.CommandLine;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Ftp;
using Vt.Output;
using Vt.Posix;

namespace Vt.Commands;

/// <summary>Runs sessions in trees.</summary>
sealed class FtpVerb : Verb
{
    readonly Option<string?> _command = new("--command", "-c") { Description = "Run these commands, with ; between them, and end", HelpName = "COMMANDS" };
    readonly Option<string?> _file = new("--file", "-f", "-b") { Description = "Run the commands of a file, - for standard input, and end", HelpName = "SCRIPT" };
    readonly Option<bool> _readOnly = new("--read-only", "-r") { Description = "Open the store to be read: nothing in it can be changed" };
    readonly Argument<string?> _target = new("TARGET") { Description = "What to work on; else the current volume", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Makes the command.</summary>
    public FtpVerb()
        : base("ftp", "Look about in a tree and change it, as sftp does on a server; vtftp is the same")
    {
        foreach (var option in (Option[])[_command, _file, _readOnly])
            Options.Add(option);
        Arguments.Add(_target);
    }

    /// <inheritdoc/>
    public override string Details =>
        """
        TARGET is an archive (ARCHIVE.vt, which need not be there yet), VOLUME or VOLUME@BRANCH for the tree that is worked on, each with /PATH behind it or not; a folder
        in a live mount; a commit, ARCHIVE.vt@DATE or the text of a tree, to which nothing can be added: changes make another tree then, whose reference is said at the end.
        With -S it is what another store has, and so it is with the name of a store's clause and a colon before a volume, a commit or a text. An archive or branch that is mounted for writing is worked on in its mount.

        Of a stored tree the changes are kept when the session ends, or at its command sync, as one new state; a session that is killed leaves everything as it was. In
        a mount everything is done at once. -c stands for commands here, --config for the configuration file.

        With -c and -f, and where nobody types standard input, the first command that fails ends the session, and what was changed since the last sync is given up; the exit
        status is 1, 2 where a command was not understood, 3 where a part was not done. A hyphen before a command lets the session go on when it fails. All commands
        are in vtftp(1), and the command help lists them.
        """;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vt ftp home.vt", "Begin a session on an archive."),
        ("vt ftp home.vt -c status", "Run a command, or several with ; between them, and end."),
        ("vt ftp home.vt -f script", "Run the commands of a file."),
        ("vt ftp -S ssh://nas home.vt@2026-10/docs", "Look about in an earlier state, in another store."),
    ];

    /// <inheritdoc/>
    public override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Get(_command) is not null && context.Get(_file) is not null)
            throw new UserErrorException("-c and -f: say one of them");
        var script = context.Get(_file) is { } file && file != "-" ? ReadScript(context, file) : context.Get(_command);
        var isTyped = script is null && context.Get(_file) is null && context.Surroundings.InputIsTerminal;
        var tree = await FtpOpening.OpenAsync(context, context.Get(_target), context.Get(_readOnly), cancellationToken);
        var home = context.Surroundings.Environment("HOME") is ['/', ..] own ? LosslessText.ToBytes(own) : null;
        await using var session = new FtpSession(context, tree, new LocalFolder(LosslessText.ToBytes(context.Surroundings.CurrentDirectory), home));
        if (!context.IsQuiet && tree.Greeting is { } greeting && (isTyped || !tree.IsKept))
            context.Messages.Say(greeting);
        if (isTyped)
            return await new FtpConsole(session).RunAsync(cancellationToken);
        return script is null
            ? await new FtpScript(session).RunAsync(context.Surroundings.Input, cancellationToken)
            : await new FtpScript(session).RunAsync(script, cancellationToken);
    }

    static string ReadScript(CommandContext context, string file)
    {
        try
        {
            return LosslessText.FromBytes(File.ReadAllBytes(context.PathFromHere(file)));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{TerminalText.Visible(file)}: the script can't be read: {FileFault.TextOf(fault)}", fault);
        }
    }
}
