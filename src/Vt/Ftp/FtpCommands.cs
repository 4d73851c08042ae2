using Vt.Output;

namespace Vt.Ftp;

/// <summary>The closed list of a session's commands, in the order of the help.</summary>
static class FtpCommands
{
    const int Any = int.MaxValue;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FtpCommand> All { get; } =
    [
        new("ls", "[-ladR] [NAME...]", "List a folder", "ladR", 0, Any, [FtpArgument.Remote], BrowsingCommands.LsAsync),
        new("cd", "[FOLDER]", "Go to a folder, without one to the top", "", 0, 1, [FtpArgument.RemoteFolder], BrowsingCommands.CdAsync),
        new("pwd", "", "Say the folder", "", 0, 0, [], BrowsingCommands.PwdAsync),
        new("inspect", "[NAME...]", "Show all about entries: metadata, blocks, reference", "", 0, Any, [FtpArgument.Remote], BrowsingCommands.InspectAsync) { Aliases = ["stat"] },
        new("cat", "NAME...", "Write files' content to standard output", "", 1, Any, [FtpArgument.Remote], BrowsingCommands.CatAsync),
        new("get", "[-rni] NAME [LOCAL]", "Copy a file, with -r a folder, to the disk", "rni", 1, 2, [FtpArgument.Remote, FtpArgument.Local], TransferCommands.GetAsync),
        new("mget", "[-rni] NAME...", "Copy several to the disk", "rni", 1, Any, [FtpArgument.Remote], TransferCommands.MgetAsync),
        new("put", "[-rni] LOCAL [NAME]", "Copy a file, with -r a folder, from the disk", "rni", 1, 2, [FtpArgument.Local, FtpArgument.Remote], TransferCommands.PutAsync),
        new("mput", "[-rni] LOCAL...", "Copy several from the disk", "rni", 1, Any, [FtpArgument.Local], TransferCommands.MputAsync),
        new("mkdir", "[-p] NAME...", "Make folders, with -p those above too", "p", 1, Any, [FtpArgument.RemoteFolder], EditingCommands.MkdirAsync),
        new("rm", "[-rf] NAME...", "Remove files, with -r folders", "rf", 1, Any, [FtpArgument.Remote], EditingCommands.RmAsync),
        new("mv", "NAME... TO", "Give another name, or move into a folder", "", 2, Any, [FtpArgument.Remote], EditingCommands.MvAsync) { Aliases = ["rename"] },
        new("cp", "[-r] NAME... TO", "Copy within the tree, however large, at once: the content is shared", "r", 2, Any, [FtpArgument.Remote], EditingCommands.CpAsync),
        new("ln", "[-s] NAME ADDED", "Give a file one more name; with -s make a symbolic link", "s", 2, 2, [FtpArgument.Remote], EditingCommands.LnAsync),
        new("chmod", "MODE NAME...", "Give other permissions, in octal", "", 2, Any, [FtpArgument.Text, FtpArgument.Remote], EditingCommands.ChmodAsync),
        new("bind", "NAME REF", "Put what a reference names under a name", "", 2, 2, [FtpArgument.Remote, FtpArgument.Text], EditingCommands.BindAsync),
        new("peer", "[SPEC]", "Choose a second store, or say which it is", "", 0, 1, [FtpArgument.Local], StateCommands.PeerAsync),
        new("pull", "[NAME...]", "Bring from the peer what entries, or the whole tree, lack", "", 0, Any, [FtpArgument.Remote], StateCommands.PullAsync),
        new("push", "[NAME...]", "Send to the peer what it lacks of entries, or of the whole tree", "", 0, Any, [FtpArgument.Remote], StateCommands.PushAsync),
        new("merge", "REF [BASE]", "Merge another tree into this one", "", 1, 2, [FtpArgument.Text], StateCommands.MergeAsync),
        new("status", "", "Say how the session stands, and what was changed", "", 0, 0, [], StateCommands.StatusAsync),
        new("sync", "", "Store what was changed, as a new state", "", 0, 0, [], StateCommands.SyncAsync),
        new("commit", "-m TEXT", "Store it, and make a commit of it", "m:", 0, 0, [], StateCommands.CommitAsync),
        new("lcd", "[FOLDER]", "Go to a folder on the disk, without one to your own", "", 0, 1, [FtpArgument.LocalFolder], LocalCommands.LcdAsync),
        new("lls", "[-laR] [NAME...]", "List on the disk", "laR", 0, Any, [FtpArgument.Local], LocalCommands.LlsAsync),
        new("lpwd", "", "Say the folder on the disk", "", 0, 0, [], LocalCommands.LpwdAsync),
        new("help", "[COMMAND]", "Say what the commands do", "", 0, 1, [FtpArgument.Command], HelpAsync) { Aliases = ["?"] },
        new("quit", "", "Store what was changed, say the tree's reference, and end", "", 0, 0, [], StateCommands.QuitAsync) { Aliases = ["exit", "bye"] },
    ];

    /// <summary>Finds a command by one of its words.</summary>
    public static FtpCommand? Find(string word)
    {
        foreach (var command in All)
        {
            if (command.Name == word || command.Aliases.Contains(word))
                return command;
        }

        return null;
    }

    static Task HelpAsync(FtpSession session, FtpArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Words.Count > 0)
        {
            var word = arguments.TextAt(0);
            var command = Find(word) ?? throw new FtpUsageException($"there is no command '{TerminalText.Visible(word)}'");
            Print(session, command, Width(command));
            if (command.Aliases.Count > 0)
                session.Output.WriteLine($"also: {string.Join(", ", command.Aliases)}");
            return Task.CompletedTask;
        }

        var width = All.Max(Width);
        foreach (var command in All)
            Print(session, command, width);
        session.Output.WriteLine($"{"! COMMAND".PadRight(width)}  Run a command of the shell on the disk");
        return Task.CompletedTask;
    }

    static int Width(FtpCommand command) => $"{command.Name} {command.Synopsis}".Length;

    static void Print(FtpSession session, FtpCommand command, int width) =>
        session.Output.WriteLine($"{$"{command.Name} {command.Synopsis}".PadRight(width)}  {command.Summary}");
}
