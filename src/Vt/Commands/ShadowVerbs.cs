using System.CommandLine;
using System.Globalization;
using System.Text;
using Vt.Blocks.Contracts;
using Vt.Blocks.Encoding;
using Vt.Hosts.ShadowHost;
using Vt.Operations;
using Vt.Posix;
using Vt.References;
using Vt.Stores.Config;
using Vt.Trees.Shadow;

namespace Vt.Commands;

/// <summary>The commands that keep a folder equal to an archive.</summary>
static class ShadowVerbs
{
    /// <summary>Makes <c>vt shadow</c> with all below it.</summary>
    public static Command Create()
    {
        var group = new VerbGroup("shadow", "Keep a folder and an archive equal, both ways");
        group.Subcommands.Add(new ShadowSyncVerb());
        group.Subcommands.Add(new ShadowWatchVerb());
        group.Subcommands.Add(new ShadowStatusVerb());
        return group;
    }

    /// <summary>The option for where a shadow keeps what it knows.</summary>
    public static Option<string> State() => new("--state") { Description = "Where what was agreed is kept, a folder; else one below ~/.local/state/vt/shadow", HelpName = "DIR" };

    /// <summary>Where the shadow of a folder keeps what it knows.</summary>
    /// <exception cref="UserErrorException">No option, setting or home says where.</exception>
    public static string PlaceOf(CommandContext context, string? given, string folder)
    {
        if (given is not null)
            return Path.GetFullPath(context.PathFromHere(given));
        var states = context.Surroundings.Environment("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state)
            ? state
            : context.Surroundings.Environment("HOME") is { Length: > 0 } home
                ? Path.Combine(home, ".local/state")
                : throw new UserErrorException("neither HOME nor XDG_STATE_HOME is set: say by --state where the shadow is to keep what it knows");
        return ShadowFiles.PlaceOf(Path.Combine(states, "vt/shadow"), folder);
    }

    /// <summary>The folder of the command line, by the path that leads over no symbolic link, so that it has one shadow whatever it is called.</summary>
    /// <exception cref="UserErrorException">The text is empty: who leaves a variable unset does not mean the current folder.</exception>
    public static string FolderOf(CommandContext context, Argument<string> argument) => context.Get(argument) is { Length: > 0 } text
        ? RealPath(Path.TrimEndingDirectorySeparator(Path.GetFullPath(context.PathFromHere(text))))
        : throw new UserErrorException("'' is no folder; say which folder");

    /// <summary>Makes sure that a folder can be the shadow of an archive.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="stores">The folders that are stores' own.</param>
    /// <exception cref="UserErrorException">It is not there, is none, or is a store's own.</exception>
    public static void CheckFolder(string folder, IEnumerable<string> stores)
    {
        var error = PosixFile.TryOpen(LosslessText.ToBytes(folder), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0, out var there);
        there.Dispose();
        if (error == Errno.ENOENT)
            throw new UserErrorException($"{folder}: there is no such folder; make it first, and it is filled");
        if (error != Errno.OK)
            throw new UserErrorException(error == Errno.ENOTDIR ? $"{folder} is no folder" : $"{folder}: {PosixException.TextOf(error)}");
        if (stores.FirstOrDefault(store => IsWithin(folder, RealPath(store))) is { } own)
            throw new UserErrorException($"{folder} belongs to the store in {own}: what is kept equal to an archive is a folder of ordinary files");
    }

    /// <summary>The archive of the command line.</summary>
    /// <exception cref="UserErrorException">It is a place within an archive, or no archive.</exception>
    public static string ArchiveOf(CommandContext context, Argument<string> argument, string folder)
    {
        if (context.Get(argument).Length == 0)
            throw new UserErrorException("'' names no archive; say ARCHIVE.vt");
        var place = ArchivePlace.Parse(context.PathFromHere(context.Get(argument)));
        if (place.Path.Length > 0)
            throw new UserErrorException($"{context.Get(argument)}: a folder is the shadow of a whole archive, not of a folder in it");
        var archive = Path.GetFullPath(place.Archive);
        if (IsWithin(RealPath(archive), folder))
            throw new UserErrorException($"{archive} lies in {folder}: each round would change it; keep the archive elsewhere");
        return archive;
    }

    static bool IsWithin(string path, string folder) => path == folder || path.StartsWith(folder == "/" ? folder : folder + "/", StringComparison.Ordinal);

    // Of what is not there yet, that of the folder that it is to be in.
    static string RealPath(string path)
    {
        var error = PosixFile.TryOpen(LosslessText.ToBytes(path), OpenFlags.O_PATH, 0, out var there);
        using (there)
        {
            if (error == Errno.OK)
                return LosslessText.FromBytes(PosixFile.Readlink(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{there.Value}"))));
        }

        return error == Errno.ENOENT && Path.GetDirectoryName(path) is { Length: > 0 } above ? Path.Combine(RealPath(above), Path.GetFileName(path)) : path;
    }

    /// <summary>What is kept equal and how, without what only some commands know.</summary>
    public static ShadowOptions OptionsOf(CommandContext context, string folder, string archive) => new()
    {
        Folder = folder,
        Archive = archive,
        Hold = () => ArchiveWriting.Hold(archive),
        Host = HostOf(HostName.Read()),
        SkippedDirectories = [.. StoreFactory.FoldersOf(context.StoreSettings)],
        Clock = context.Surroundings.Clock,
        Boundary = context.Boundary,
        OnIssue = issue => context.Messages.Say(issue.ToString()),
        OnNotice = context.Messages.Say,
    };

    /// <summary>Reads a rule for conflicts.</summary>
    /// <exception cref="UserErrorException">There is no such rule.</exception>
    public static ConflictRule RuleOf(string? text) => text switch
    {
        null or "keep-both" => ConflictRule.KeepBoth,
        "folder" => ConflictRule.Folder,
        "store" => ConflictRule.Store,
        "newer" => ConflictRule.Newer,
        "stop" => ConflictRule.Stop,
        _ => throw new UserErrorException($"--conflict={text}: it is keep-both, folder, store, newer or stop"),
    };

    /// <summary>Reads a direction.</summary>
    /// <exception cref="UserErrorException">There is no such direction.</exception>
    public static ShadowDirection DirectionOf(string? text) => text switch
    {
        null => ShadowDirection.Both,
        "to-store" => ShadowDirection.ToStore,
        "to-folder" => ShadowDirection.ToFolder,
        _ => throw new UserErrorException($"--one-way={text}: it is to-store or to-folder"),
    };

    /// <summary>One line on what a round did.</summary>
    public static string Summary(ShadowReport report)
    {
        if (report.IsQuiet)
            return "both are equal";
        var words = new List<string>();
        Add(report.ToStore.Count, "to the archive");
        Add(report.ToFolder.Count, "to the folder");
        Add(report.Conflicts.Count, report.Conflicts.Count == 1 ? "conflict" : "conflicts");
        Add(report.Waiting.Count, "waiting");
        return string.Join(", ", words);

        void Add(int count, string what)
        {
            if (count > 0)
                words.Add($"{count} {what}");
        }
    }

    /// <summary>Says what went otherwise than one would think.</summary>
    public static void SayTroubles(CommandContext context, ShadowReport report)
    {
        foreach (var conflict in report.Conflicts)
            context.Messages.Say($"conflict: {conflict}");
        foreach (var (path, why) in report.WaitsByDirection ? [] : report.Waiting)
            context.Messages.Say($"waiting: {ShadowFolder.NameOf(path)}: {why}");
        foreach (var lost in report.Lost)
            context.Messages.Say(lost);
    }

    // A part of file names, so of few characters.
    static string HostOf(string name)
    {
        var word = new string([.. name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-').Take(32)]).Trim('-');
        return word.Length > 0 ? word : "host";
    }
}
