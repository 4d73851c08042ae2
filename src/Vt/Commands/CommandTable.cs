using System.CommandLine;
using Vt.Settings;

namespace Vt.Commands;

/// <summary>The closed list of commands. Only those that a command line may mean are built, since start-up time counts.</summary>
static class CommandTable
{
    /// <summary>The program's own description.</summary>
    public const string Summary = "Keeps every version of every tree once, and mounts any of them as a real filesystem";

    /// <summary>Every command's name and how it is made, in the order of the help.</summary>
    static readonly (string Name, Func<Command> Make)[] Verbs =
    [
        ("init", static () => new InitVerb()),
        ("config", static () => new ConfigVerb()),
        ("import", static () => new ImportVerb()),
        ("save", static () => new SaveVerb()),
        ("export", static () => new ExportVerb()),
        ("archive", static () => new ArchiveVerb()),
        ("publish", static () => new PublishVerb()),
        ("pack", static () => new PackVerb()),
        ("unpack", static () => new UnpackVerb()),
        ("ls", static () => new LsVerb()),
        ("stat", static () => new StatVerb()),
        ("cat", static () => new CatVerb()),
        ("diff", static () => new DiffVerb()),
        ("log", static () => new LogVerb()),
        ("fsck", static () => new FsckVerb()),
        ("dump", static () => new DumpVerb()),
        ("datadir", DataDirVerbs.Create),
        ("cache", CacheVerbs.Create),
        ("platonic", PlatonicVerbs.Create),
        ("shadow", ShadowVerbs.Create),
        ("benchmark", static () => new BenchmarkVerb()),
        ("mount", static () => new MountVerb()),
        ("umount", static () => new UmountVerb()),
        ("status", static () => new StatusVerb()),
        ("clone", static () => new CloneVerb()),
        ("splice", static () => new SpliceVerb()),
        ("crop", static () => new CropVerb()),
        ("compose", static () => new ComposeVerb()),
        ("flat", static () => new FlatVerb()),
        ("ftp", static () => new FtpVerb()),
        ("volume", VolumeVerbs.Create),
        ("commit", static () => new CommitVerb()),
        ("auto-commit", static () => new AutoCommitVerb()),
        ("show", static () => new ShowVerb()),
        ("branch", static () => new BranchVerb()),
        ("checkout", static () => new CheckoutVerb()),
        ("reset", static () => new ResetVerb()),
        ("stash", StashVerbs.Create),
        ("tag", static () => new TagVerb()),
        ("reflog", static () => new ReflogVerb()),
        ("merge", static () => new MergeVerb()),
        ("revert", static () => new RevertVerb()),
        ("cherry-pick", static () => new CherryPickVerb()),
        ("undo", static () => new UndoVerb()),
        ("blame", static () => new BlameVerb()),
        ("bisect", BisectVerbs.Create),
        ("push", static () => new PushVerb()),
        ("pull", static () => new PullVerb()),
        ("sync", static () => new SyncVerb()),
        ("clone-remote", static () => new CloneRemoteVerb()),
        ("remote", RemoteVerbs.Create),
        ("serve", static () => new ServeVerb()),
        ("httpd", static () => new HttpdVerb()),
        ("static", static () => new StaticVerb()),
        ("docker-plugin", static () => new DockerPluginVerb()),
        ("completion", static () => new CompletionVerb()),
        ("help", static () => new HelpVerb()),
    ];

    /// <summary>The program with every command.</summary>
    public static Command BuildAll(GlobalOptions options) => Build(options, null);

    /// <summary>
    /// The program with the commands whose names occur among the arguments: always the one that is meant, and rarely another.
    /// Where none occurs, with all of them.
    /// </summary>
    public static Command BuildFor(IReadOnlyList<string> arguments, GlobalOptions options)
    {
        var program = Build(options, arguments);
        return program.Subcommands.Count > 0 ? program : BuildAll(options);
    }

    static Command Build(GlobalOptions options, IReadOnlyList<string>? arguments)
    {
        var program = new Command("vt", Summary);
        options.AddTo(program);
        foreach (var (name, make) in Verbs)
        {
            if (arguments is null || Contains(arguments, name))
                program.Subcommands.Add(make());
        }

        return program;
    }

    static bool Contains(IReadOnlyList<string> arguments, string name)
    {
        foreach (var argument in arguments)
        {
            if (argument == name)
                return true;
        }

        return false;
    }
}
